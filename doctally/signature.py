"""Signatures of what is handed over, as the Standard Webhooks specification has them.

Over ``id.timestamp.body``, HMAC-SHA256 in base64 after ``v1,``; a receiver checks it with any
library of that specification (https://www.standardwebhooks.com) or in six lines
(``examples/erp_import.py``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from doctally.errors import ConfigurationError

PREFIX = "whsec_"
FEWEST_BYTES = 16


def keys_of(secret: str) -> tuple[bytes, ...]:
    """Return the keys in a setting: one secret, or several apart by spaces while one replaces
    another. ``whsec_`` and base64, as the specification has it, or any text of 16 bytes and more.

    Raises ConfigurationError.
    """
    keys = tuple(map(_key, secret.split()))
    if not keys:
        raise ConfigurationError(
            "webhook_secret is empty: without it a receiver cannot tell our messages from others; "
            'make one with python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return keys


def _key(secret: str) -> bytes:
    key = secret.encode()
    if secret.startswith(PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error as error:
            raise ConfigurationError(f"webhook_secret: after {PREFIX} comes base64") from error
    if len(key) < FEWEST_BYTES:
        raise ConfigurationError(f"webhook_secret has less than {FEWEST_BYTES} bytes")
    return key


def signature(keys: Sequence[bytes], *, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of the header ``webhook-signature``: one signature a key, apart by spaces.

    ``timestamp`` is in seconds since 1970.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    digests = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
