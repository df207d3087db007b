"""Secrets that are handed out once and kept only as their hash."""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32


def fresh(prefix: str = "") -> str:
    """Return a new secret of 256 random bits, to be shown once."""
    return prefix + secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """Return what is kept: SHA-256 in hex, enough for a secret that nobody can guess."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
