"""Passwords are kept as Argon2id hashes (RFC 9106, the profile for little memory)."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = threading.Semaphore(2)
"""A hash takes 64 MiB: no more than this many at a time, however many log in."""


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash("the password of nobody")


def hashed(password: str) -> str:
    """Return the hash to keep; it names its own parameters and salt."""
    with AT_ONCE:
        return _hasher().hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Tell whether the password is the one whose hash was kept.

    Without a hash the answer is no, and takes as long: nobody learns which users there are.
    """
    with AT_ONCE:
        try:
            found = _hasher().verify(kept or _nobody(), password)
        except (VerificationError, InvalidHashError):
            return False
    return found and kept is not None


def outdated(kept: str) -> bool:
    """Tell whether the hash was made with weaker parameters than today's."""
    return _hasher().check_needs_rehash(kept)
