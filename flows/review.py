"""What a person decides about a document: confirm, reject, reopen, undo.

The one way in which review page, API and corrected files change a document; plain Python, no
Prefect. Each act is one transaction (``db.acts``): values, state, history, audit trail,
corrections and the message for the webhook; then the document's file goes to its folder. All
raise DoctallyError with a code: ``no_such_document``, ``no_values``, ``held`` (another person has
it open), ``changed_meanwhile`` (not what was seen), ``illegal_transition``, ``edit_refused``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db import acts, documents, revisions, suppliers
from db.acts import Act, Change, standing_of
from db.database import Database
from db.deliveries import Message
from db.detail import StoredDocument
from db.revisions import Standing
from doctally.codes import CODES
from doctally.corrections import Correction
from doctally.crosscheck import check_pages
from doctally.edits import EditRefused, Edits, edited, faults_of
from doctally.errors import DoctallyError
from doctally.pages import Page
from doctally.results import Extraction, Finding, Result, State
from doctally.rules import check, duplicate_finding
from doctally.suppliers import Seen, check_account, seen_in
from doctally.verdicts import field_path, verdicts
from flows.folders import Folders
from flows.outbox import told
from flows.refile import REJECTED, refile


@dataclass(frozen=True, slots=True)
class Desk:
    """Where people decide: the database, the folders, whether a webhook hears of it.

    Without ``folders`` no file is moved.
    """

    database: Database
    folders: Folders | None = None
    tell: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """How a document stands after an act; ``changed`` counts the values that were wrong."""

    document_id: int
    state: State
    findings: tuple[Finding, ...]
    changed: int = 0


def confirm(
    desk: Desk,
    document_id: int,
    edits: Edits,
    *,
    who: str,
    now: datetime,
    holder: str | None = None,
    seen: datetime | None = None,
) -> Decided:
    """Make a document's values, with the edits, a person's word; its state is CONFIRMED.

    Findings of the rules stay as a note: what the paper says may be wrong in itself. ``holder``
    is the browser that has the document open, ``seen`` the ``updated_at`` that the person saw.
    Raises EditRefused naming each value that does not fit its field.
    """
    found, before = _found(desk.database, document_id, seen)
    after = edited(before.extraction, edits)
    if faults := faults_of(after, edits):
        raise EditRefused(faults)
    pages = documents.pages(desk.database, document_id)
    findings = findings_after(desk.database, found, after, pages, now=now)
    given = verdicts(before.extraction, after, edits)
    act = Act(
        document_id,
        "confirm",
        before,
        Standing(State.CONFIRMED, after, findings),
        changes=_changes(given, edits),
        corrections=given,
        message=_message(found, after, findings, now=now) if desk.tell else None,
    )
    _perform(desk, found, act, who=who, now=now, holder=holder)
    return Decided(document_id, State.CONFIRMED, findings, sum(one.corrects for one in given))


def reject(
    desk: Desk,
    document_id: int,
    reason: str,
    *,
    who: str,
    now: datetime,
    holder: str | None = None,
    seen: datetime | None = None,
) -> Decided:
    """Take a document out of the work: FAILED with the code ``rejected`` and the reason."""
    found, before = _found(desk.database, document_id, seen)
    text = " ".join(reason.split()) or "rejected by a person"
    after = Standing(State.FAILED, before.extraction, before.findings, REJECTED, text)
    why = (Change("reject", "reason", None, text),)
    act = Act(document_id, "reject", before, after, changes=why)
    _perform(desk, found, act, who=who, now=now, holder=holder)
    return Decided(document_id, State.FAILED, tuple(before.findings))


def reopen(
    desk: Desk,
    document_id: int,
    *,
    who: str,
    now: datetime,
    holder: str | None = None,
    seen: datetime | None = None,
) -> Decided:
    """Put an accepted or confirmed document back into the queue; its values stay."""
    found, before = _found(desk.database, document_id, seen)
    reason = f"reopened by {who}"
    after = Standing(State.REVIEW, before.extraction, before.findings, "reopened", reason)
    act = Act(document_id, "reopen", before, after)
    _perform(desk, found, act, who=who, now=now, holder=holder)
    return Decided(document_id, State.REVIEW, tuple(before.findings))


def undo(
    desk: Desk,
    document_id: int,
    *,
    who: str,
    now: datetime,
    holder: str | None = None,
    seen: datetime | None = None,
) -> Decided:
    """Put a document back to how it stood before the latest act; again goes further back.

    Raises DoctallyError (nothing_to_undo) when no act is left. A message that the webhook has
    taken already is not called back; the next confirmation sends another.
    """
    found, _ = _found(desk.database, document_id, seen)
    revision = revisions.last(desk.database, document_id)
    if revision is None:
        raise DoctallyError(
            f"nobody has decided anything on document {document_id} that could be undone",
            code="nothing_to_undo",
        )
    acts.take_back(
        desk.database,
        document_id,
        revision,
        who=who,
        holder=holder,
        seen=found.summary.updated_at,
        now=now,
    )
    refile(desk.database, desk.folders, found.summary, revision.before.state, now=now)
    return Decided(document_id, revision.before.state, tuple(revision.before.findings))


def findings_after(
    database: Database,
    found: StoredDocument,
    extraction: Extraction,
    pages: Sequence[Page],
    *,
    now: datetime,
) -> tuple[Finding, ...]:
    """Return what the reader noticed and the rules say of the values as they are given now."""
    noticed = [finding for finding in found.findings if finding.code not in CODES]
    checked = check(extraction, today=now.astimezone().date())
    findings = [*noticed, *checked, *check_pages(extraction, pages)]
    cells = extraction.fields
    names = ("document_number", "supplier_name", "supplier_tax_id")
    values = {name: cells[name].value for name in names if name in cells}
    if "document_number" in values and len(values) > 1:
        earlier = documents.same_number(
            database,
            document_type=extraction.document_type,
            not_sha256=found.sha256 or "",
            **values,
        )
        if earlier is not None and earlier.document_id != found.summary.document_id:
            findings.append(duplicate_finding(earlier.document_id))
    return (*findings, *account_findings(database, seen_in(extraction)))


def account_findings(database: Database, seen: Seen) -> tuple[Finding, ...]:
    """Return a finding if the supplier is known with other bank accounts than the one named.

    A person's confirmation does not silence it: an account changes by ``doctally suppliers``.
    """
    return check_account(seen, suppliers.resolve(database, seen)) if seen.iban else ()


def _found(
    database: Database, document_id: int, seen: datetime | None
) -> tuple[StoredDocument, Standing]:
    found = documents.document(database, document_id)
    if seen is not None and found.summary.updated_at != seen:
        raise acts.ChangedMeanwhile(document_id)
    return found, standing_of(found)


def _perform(
    desk: Desk, found: StoredDocument, act: Act, *, who: str, now: datetime, holder: str | None
) -> None:
    seen = found.summary.updated_at
    acts.perform(desk.database, act, who=who, holder=holder, seen=seen, now=now)
    after = act.after
    refile(desk.database, desk.folders, found.summary, after.state, reason=after.reason, now=now)


def _changes(given: Sequence[Correction], edits: Edits) -> tuple[Change, ...]:
    changed = [Change(one.kind, field_path(one), one.old, one.new) for one in given if one.corrects]
    kept = {one.field: one for one in given if not one.corrects and one.row is None}
    accepted = [kept[name] for name in edits.accepted if name in kept]
    return (*changed, *(Change("accepted", one.field, one.old, one.new) for one in accepted))


def _message(
    found: StoredDocument, after: Extraction, findings: tuple[Finding, ...], *, now: datetime
) -> Message:
    about = found.summary
    result = Result(about.name, after, findings, State.CONFIRMED, found.details)
    return told(
        result, document_id=about.document_id, sha256=found.sha256, tags=about.tags, now=now
    )
