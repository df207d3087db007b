"""The steps of a batch: read, infer, judge, store, finish. No Prefect in here.

Each step takes the batch a little further and may be repeated. A bad document gets a fault
and the others go on; only trouble of the database or of the installation is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from db import documents
from db.database import Database
from db.documents import Stored
from db.errors import TRANSIENT
from db.papers import MATCHED_TYPES
from db.verdicts import Matching, Moved
from doctally.crosscheck import check_pages
from doctally.errors import AccessDenied, BadDocument, ConfigurationError, DoctallyError
from doctally.pages import Notice, Reading
from doctally.results import Extraction, Finding, Severity, State
from doctally.rules import check, decide, doubts, duplicate_finding
from doctally.settings import Settings
from doctally.suppliers import seen_in
from extractors import notices
from flows.batch import Batch, Extractor, Item, Reader
from flows.claims import LEASE_S
from flows.engine import AWAY, extract_each
from flows.filing import file_ended, file_failed
from flows.folders import Folders
from flows.matching import matching_of, take_over
from flows.parts import stands_alone, unpack
from flows.reasons import review_reason
from flows.review import account_findings

Told = Callable[[Item], None]
Kept = TypeVar("Kept")


def transient(error: BaseException) -> bool:
    """Tell whether trying again may help: a locked or unreachable database, a model server away."""
    return isinstance(error, DoctallyError) and error.code in TRANSIENT | AWAY


def read(batch: Batch, reader: Reader, *, kept: Told, told: Told) -> None:
    """Read the files of the batch; ``kept`` puts by what is inside a file, ``told`` comes after."""
    items = batch.alive
    for item, (_, result) in zip(items, reader([i.job.path for i in items]), strict=True):
        if isinstance(result, Reading):
            item.reading = result
            kept(item)
        else:
            item.fault = result
        told(item)


def infer(batch: Batch, engine: Extractor) -> None:
    """Let the model work on what was read, all at once."""
    worth = [item for item in batch.alive if not item.bare]
    items = [(item, item.reading) for item in worth if item.reading is not None]
    found = extract_each(engine, [reading for _, reading in items])
    for (item, _), result in zip(items, found, strict=True):
        if isinstance(result, Extraction):
            item.extraction = result
        else:
            item.fault = result


def judge(batch: Batch, database: Database, *, now: datetime, accept_confidence: float) -> None:
    """Check the extractions by the rules, look for earlier copies, decide each outcome."""
    seen: dict[tuple[str, str, str], int] = {}
    for item in batch.alive:
        extraction = item.extraction
        if item.reading is None:
            continue
        if item.inside and (extraction is None or not stands_alone(extraction)):
            item.findings = tuple(map(finding_of, item.reading.notices))
            item.extraction, item.outcome = None, State.UNPACKED
            continue
        if extraction is None:
            continue
        try:
            found = findings_of(
                item.reading, extraction, now=now, accept_confidence=accept_confidence
            )
            found += account_findings(database, seen_in(extraction))
            earlier = _earlier(database, item, extraction, seen)
            if earlier is not None:
                item.duplicate_of = earlier
                found.append(duplicate_finding(earlier))
            item.findings = tuple(found)
            item.outcome = decide(extraction, item.findings, accept_confidence=accept_confidence)
        except (DoctallyError, MemoryError):
            raise
        except Exception as error:  # a rule that stumbles over one document stops no other
            item.fault = BadDocument(
                f"the rules failed on it: {type(error).__name__}: {error}", code="rules_error"
            )


def findings_of(
    reading: Reading, extraction: Extraction, *, now: datetime, accept_confidence: float
) -> list[Finding]:
    """Return what reader, rules and confidences have to say about one document."""
    found = [finding_of(notice) for notice in reading.notices]
    found += check(extraction, today=now.astimezone().date())
    found += check_pages(extraction, reading.pages)
    found += doubts(extraction, accept_confidence=accept_confidence)
    return found


def finding_of(notice: Notice) -> Finding:
    """Return what a reader had to tell as a finding."""
    severity = Severity.REVIEW if notice.code in notices.REVIEW else Severity.INFO
    return Finding(notice.code, severity, notice.message)


def _earlier(
    database: Database,
    item: Item,
    extraction: Extraction,
    seen: dict[tuple[str, str, str], int],
) -> int | None:
    def value(name: str) -> str:
        cell = extraction.fields.get(name)
        return cell.value if cell else ""

    number, supplier = value("document_number"), value("supplier_name")
    tax_id = value("supplier_tax_id")
    if not number or not (supplier or tax_id):
        return None
    earlier = documents.same_number(
        database,
        document_type=extraction.document_type,
        document_number=number,
        supplier_name=supplier,
        supplier_tax_id=tax_id,
        not_sha256=item.job.sha256,
    )
    if earlier is not None:
        return earlier.document_id
    key = (extraction.document_type, number, (tax_id or supplier).casefold())
    first = seen.setdefault(key, item.job.document_id)
    return first if first != item.job.document_id else None


def store(
    batch: Batch,
    database: Database,
    settings: Settings,
    *,
    owner: str,
    now: datetime,
    engine: Callable[[], Extractor] | None = None,
) -> list[Moved]:
    """Keep all results in one transaction; if one does not fit, each in its own.

    In the same transaction they are matched with what is there; returned are the older documents
    whose state that has changed. ``engine`` is asked about lines in doubt.

    A file that holds others is a transaction of its own, with the claims of what is inside.
    """
    found = [(item, row) for item in batch.alive if (row := _stored(item)) is not None]
    for item, row in found:
        if item.inside:
            _try(item, partial(unpack, item, row, database, settings, owner=owner, now=now))
    pairs = [(item, row) for item, row in found if not item.inside]
    moved: list[Moved] = []
    try:
        matching = matching_of(settings, now=now, engine=engine)
        moved += _keep(database, pairs, matching, owner=owner, now=now)
    except Exception as error:
        if transient(error) or isinstance(error, ConfigurationError):
            raise
        for item, row in pairs:
            matching = matching_of(settings, now=now, engine=engine)
            one = partial(_keep, database, [(item, row)], matching, owner=owner, now=now)
            moved += _try(item, one) or []
    for item in batch.items:
        if item.fault is not None and item.held:
            fault = item.fault
            item.held = documents.fail(
                database, item.job.document_id, fault.code, fault.message, owner=owner, now=now
            )
            item.outcome = State.FAILED

    return take_over(batch, moved)


def _stored(item: Item) -> Stored | None:
    if item.reading is None or item.outcome is None:
        return None
    if item.extraction is None and item.outcome is not State.UNPACKED:
        return None
    code, reason = review_reason(item.findings) if item.outcome is State.REVIEW else ("", "")
    return Stored(
        item.job.document_id,
        item.reading,
        item.extraction,
        item.findings,
        item.outcome,
        reason_code=code,
        reason=reason,
        duplicate_of=item.duplicate_of,
        message=item.message,
    )


def _keep(
    database: Database,
    pairs: Sequence[tuple[Item, Stored]],
    matching: Matching | None,
    *,
    owner: str,
    now: datetime,
) -> list[Moved]:
    rows = [row if matching is None else replace(row, matched=_is_matched(row)) for _, row in pairs]
    kept = documents.store(database, rows, owner=owner, now=now, matching=matching)
    for item, _ in pairs:
        item.held = item.job.document_id in kept
    return [] if matching is None else matching.moved


def _is_matched(row: Stored) -> bool:
    found = row.extraction
    return found is not None and found.document_type in MATCHED_TYPES and row.duplicate_of is None


def _try(item: Item, keep: Callable[[], Kept]) -> Kept | None:
    """Keep one document's results; if they do not fit it is the document's fault."""
    try:
        return keep()
    except Exception as error:
        if transient(error) or isinstance(error, ConfigurationError | AccessDenied):
            raise
        item.fault = BadDocument(
            f"its values cannot be stored: {type(error).__name__}: {error}"[:500],
            code="not_stored",
        )
        return None


def finish(batch: Batch, database: Database, folders: Folders, *, now: datetime) -> None:
    """Move each ended document's file to its folder, a failed one with its reason."""
    for item in batch.items:
        if not item.held or item.outcome is None or item.path is not None:
            continue
        number, name, source = item.job.document_id, item.job.name, item.job.path
        if item.fault is not None:
            item.path = file_failed(
                database,
                folders,
                document_id=number,
                name=name,
                source=source,
                code=item.fault.code,
                message=item.fault.message,
                now=now,
            )
        else:
            item.path = file_ended(
                database,
                folders,
                document_id=number,
                name=name,
                source=source,
                outcome=item.outcome,
                now=now,
            )


def renew(batch: Batch, database: Database, *, owner: str, now: datetime) -> None:
    """Renew the claims; documents that another process took over leave the batch."""
    numbers = [item.job.document_id for item in batch.items if item.held]
    held = documents.renew(database, numbers, owner=owner, now=now, lease_s=LEASE_S)
    for item in batch.items:
        item.held = item.job.document_id in held
