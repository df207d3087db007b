"""Matching in the flows: with every batch that is stored, and again for what is open.

The files of documents follow what the verdicts decide: an invoice that its late delivery note
settles moves from review/ to processed/.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from db import suppliers
from db.database import Database
from db.deliveries import Message
from db.exceptions import OpenException, exceptions, stale
from db.opinions import rematch
from db.verdicts import About, Matching, Moved
from doctally.matching import Tolerances, load_tolerances
from doctally.results import Extraction, Finding, Result, State
from doctally.settings import Settings
from flows.artifacts import linked, plain
from flows.batch import Batch, Extractor
from flows.folders import Folders
from flows.opinion import judge_of
from flows.outbox import told
from flows.reasons import review_reason
from flows.refile import refile

AT_ONCE = 50


@cache
def _tolerances(path: Path | None, stamp: float) -> Tolerances:
    return load_tolerances(path)


def matching_of(
    settings: Settings, *, now: datetime, engine: Callable[[], Extractor] | None = None
) -> Matching | None:
    """Return how documents are matched, None where matching is switched off.

    ``engine`` gives that whose pair task is asked about lines in doubt.
    Raises ConfigurationError when the file of tolerances does not fit.
    """
    if not settings.matching:
        return None
    path = settings.tolerances
    stamp = path.stat().st_mtime if path is not None and path.exists() else 0.0

    def tell(about: About, extraction: Extraction, findings: Sequence[Finding]) -> Message:
        result = Result(about.name, extraction, tuple(findings), State.ACCEPTED, about.details)
        return told(
            result, document_id=about.document_id, sha256=about.sha256, tags=about.tags, now=now
        )

    return Matching(
        _tolerances(path, stamp),
        review_reason,
        tell if settings.webhook_url else None,
        judge=judge_of(engine),
    )


def take_over(batch: Batch, moved: Sequence[Moved]) -> list[Moved]:
    """Give the batch's documents the states of their verdicts; return the moves of older ones."""
    items = {item.job.document_id: item for item in batch.items}
    older = []
    for move in moved:
        item = items.get(move.about.document_id)
        if item is not None and item.path is None:
            item.outcome, item.findings = move.state, move.findings
        else:
            older.append(move)
    return older


def follow(
    database: Database, folders: Folders | None, moved: Sequence[Moved], *, now: datetime
) -> None:
    """Move the files of documents whose state changed."""
    for move in moved:
        refile(database, folders, move.about, move.state, now=now)


def rematch_open(
    database: Database,
    folders: Folders | None,
    settings: Settings,
    *,
    now: datetime,
    owner: str,
    engine: Callable[[], Extractor] | None = None,
) -> tuple[int, list[Moved]]:
    """Match what was never matched, has changed since or is open; return how many and what moved.

    Each chunk is a transaction of its own, so that a run that is cut short loses nothing.
    """
    count, moved, after = 0, list[Moved](), 0
    while numbers := stale(database, after=after, limit=AT_ONCE):
        matching = matching_of(settings, now=now, engine=engine)
        if matching is None:
            break
        suppliers.learn_confirmed(database, numbers, now=now)
        rematch(database, numbers, matching, owner=owner, now=now)
        follow(database, folders, matching.moved, now=now)
        count, after = count + len(numbers), numbers[-1]
        moved += matching.moved
    return count, moved


def exception_rows(found: Sequence[OpenException], page: str = "") -> list[dict[str, str]]:
    """Return the cells of the table of open exceptions, outsiders' text made harmless.

    ``page`` is the review page's address, to which the documents lead.
    """
    return [
        {
            "decision": row.decision,
            "what": f"{row.document_type.replace('_', ' ')} {plain(row.number)}",
            "supplier": plain(row.supplier),
            "reason": row.code.replace("_", " "),
            "line": "" if row.line is None else str(row.line),
            "at stake": f"{row.amount:.2f} {row.currency}".strip(),
            "said": plain(row.message),
            "document": linked(row.document_id, page),
        }
        for row in found
    ]


def open_exceptions(database: Database, *, limit: int = 500) -> list[OpenException]:
    """Return the reasons that wait for somebody, the largest amounts first."""
    return exceptions(database, limit=limit)
