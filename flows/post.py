"""One message, posted once: what the receiver's answer means.

Headers and signature are those of the Standard Webhooks specification.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

import httpx

from db.deliveries import Delivery
from doctally.signature import signature
from flows.target import Target

TRANSIENT = frozenset({408, 425, 429})
"""Statuses below 500 that ask for another try; all from 500 on do (RFC 9110, 6585, 8470)."""
_SHOWN = 300
_LONGEST_WAIT_S = 86_400.0


class Verdict(StrEnum):
    """What to do with the message now."""

    TAKEN = "taken"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Answer:
    """How a post ended; ``reached`` is False when nobody answered at all.

    ``wait_s`` is what the receiver asked for (Retry-After).
    """

    verdict: Verdict
    status: int | None = None
    error: str = ""
    wait_s: float | None = None
    reached: bool = True


def client_for(target: Target) -> httpx.Client:
    """Return the client to post with; close it."""
    return httpx.Client(
        timeout=target.timeout_s,
        follow_redirects=False,
        headers={"user-agent": "doctally", "content-type": "application/json"},
    )


def post(client: httpx.Client, target: Target, delivery: Delivery, *, now: datetime) -> Answer:
    """Return how the receiver answered to the message."""
    body = delivery.body.encode()
    stamp = int(now.timestamp())
    headers = {
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature(
            target.keys, message_id=delivery.message_id, timestamp=stamp, body=body
        ),
        "idempotency-key": delivery.message_id,
    }
    try:
        with client.stream("POST", target.url, content=body, headers=headers) as response:
            return _meaning(response, now=now)
    except httpx.HTTPError as error:
        told = f"{type(error).__name__}: {error}".removesuffix(": ")
        return Answer(Verdict.LATER, error=told[:_SHOWN], reached=False)


def _meaning(response: httpx.Response, *, now: datetime) -> Answer:
    status = response.status_code
    if 200 <= status < 300:
        return Answer(Verdict.TAKEN, status)
    error = f"{status} {response.reason_phrase}: {_start_of(response)}".removesuffix(": ")
    if status in TRANSIENT or status >= 500:
        return Answer(Verdict.LATER, status, error, _retry_after(response, now=now))
    if 300 <= status < 400:
        error = f"{status}: it points elsewhere; set webhook_url to the final address"
    return Answer(Verdict.NEVER, status, error)


def _start_of(response: httpx.Response) -> str:
    """Return the first words of what came back, never reading more than that."""
    first = next(response.iter_bytes(_SHOWN), b"")
    return " ".join(first[:_SHOWN].decode("utf-8", "replace").split())


def _retry_after(response: httpx.Response, *, now: datetime) -> float | None:
    given = response.headers.get("retry-after", "")
    try:
        seconds = float(given)
    except ValueError:
        try:
            at = parsedate_to_datetime(given)
        except (TypeError, ValueError):
            return None
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    return min(max(seconds, 0.0), _LONGEST_WAIT_S) if seconds == seconds else None
