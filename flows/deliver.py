"""Handing over: what waits in the outbox is posted, one message after the other.

A message is sent at least once and, for a receiver that remembers ``webhook-id``, exactly once:
the same id comes again only when we could not learn that the first was taken. Only trouble that
may pass is tried again, ever more slowly for about two days; the rest waits for a person
(``doctally deliveries list --state dead``).
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from db import deliveries
from db.database import Database
from db.deliveries import Delivery, DeliveryState
from flows.post import Answer, Verdict, client_for, post
from flows.target import Resolve, Target, check_address

PAUSES_S = (5, 30, 120, 600, 1800, 7200, 18_000, 36_000, 86_400)
"""How long to wait after the first, second, ... attempt that failed for now."""

log = logging.getLogger("doctally.deliver")


@dataclass(frozen=True, slots=True)
class Sent:
    """How many messages one round delivered, put off, and gave up."""

    delivered: int = 0
    postponed: int = 0
    dead: int = 0

    def __str__(self) -> str:
        return f"{self.delivered} delivered, {self.postponed} put off, {self.dead} given up"


def deliver(
    database: Database,
    target: Target,
    *,
    now: Callable[[], datetime],
    resolve: Resolve = socket.getaddrinfo,
    going: Callable[[], bool] = lambda: True,
) -> Sent:
    """Return what became of the messages that were due.

    Ends early when the receiver cannot be reached (the others would fare no better) and when
    ``going`` says so. Raises ConfigurationError for a receiver that we may not send to.
    """
    counts = dict.fromkeys(Verdict, 0)
    try:
        check_address(target, resolve=resolve)
    except OSError as error:
        log.warning("%s cannot be found now: %s", target.host, error)
        return Sent()
    lease_s = 2 * target.timeout_s + 60
    with client_for(target) as client:
        while going():
            delivery = deliveries.take_due(database, now=now(), lease_s=lease_s)
            if delivery is None:
                break
            answer = _send(database, client, target, delivery, now=now)
            counts[answer.verdict] += 1
            if not answer.reached:
                break
    return Sent(counts[Verdict.TAKEN], counts[Verdict.LATER], counts[Verdict.NEVER])


def _send(
    database: Database,
    client: httpx.Client,
    target: Target,
    delivery: Delivery,
    *,
    now: Callable[[], datetime],
) -> Answer:
    answer = post(client, target, delivery, now=now())
    if answer.verdict is Verdict.LATER and delivery.attempts > len(PAUSES_S):
        error = f"{answer.error} (given up after {delivery.attempts} attempts)"
        answer = Answer(Verdict.NEVER, answer.status, error, reached=answer.reached)
    at = now()
    state, next_at = DeliveryState.DEAD, None
    if answer.verdict is Verdict.TAKEN:
        state = DeliveryState.DELIVERED
    elif answer.verdict is Verdict.LATER:
        pause = max(PAUSES_S[delivery.attempts - 1], answer.wait_s or 0.0)
        state, next_at = DeliveryState.WAITING, at + timedelta(seconds=pause)
    deliveries.settle(
        database,
        delivery,
        state,
        status=answer.status,
        error=answer.error,
        now=at,
        next_at=next_at,
    )
    if answer.verdict is not Verdict.TAKEN:
        level = logging.ERROR if state is DeliveryState.DEAD else logging.WARNING
        told = "given up" if state is DeliveryState.DEAD else "tried again later"
        parts = (delivery.document_id, delivery.file, told, answer.error)
        log.log(level, "document %d · %s · not delivered, %s: %s", *parts)
    return answer
