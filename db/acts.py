"""A person's act on a document, kept whole or not at all: values, state, history, trail, outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db import audit, corrections, deliveries, drafts, holds, revisions
from db.database import Database
from db.deliveries import Message
from db.detail import StoredDocument
from db.history import note, taken
from db.life import step
from db.revisions import Revision, Standing
from db.tables import DocumentRow
from doctally.corrections import Correction
from doctally.errors import DoctallyError
from doctally.results import State


@dataclass(frozen=True, slots=True)
class Change:
    """One value that an act changes, for the trail."""

    action: str
    field: str | None
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Act:
    """What a person does: ``before`` and ``after`` of the document, and what is told about it."""

    document_id: int
    action: str
    before: Standing
    after: Standing
    changes: Sequence[Change] = ()
    corrections: Sequence[Correction] = ()
    message: Message | None = None


class ChangedMeanwhile(DoctallyError):
    """The document is no longer what the person saw."""

    code = "changed_meanwhile"

    def __init__(self, document_id: int) -> None:
        super().__init__(f"document {document_id} has changed since it was opened; look again")


def standing_of(found: StoredDocument) -> Standing:
    """Return how a document stands; raises DoctallyError (no_values) if nothing was read in it."""
    if found.extraction is None:
        number = found.summary.document_id
        raise DoctallyError(f"document {number} has no values to decide on", code="no_values")
    about = found.summary
    return Standing(about.state, found.extraction, found.findings, about.reason_code, about.reason)


def perform(
    database: Database,
    act: Act,
    *,
    who: str,
    holder: str | None,
    seen: datetime,
    now: datetime,
) -> None:
    """Keep an act and how the document stood before it.

    ``seen`` is ``updated_at`` of the document that the act was decided on. Raises
    ChangedMeanwhile, HeldByAnother, IllegalTransition.
    """
    with database.write() as session:
        row = _locked(session, act.document_id, holder=holder, seen=seen, now=now)
        after = act.after.state
        if after is not row.state:
            step(row.state, after)
        _note(session, row, after, who=who, now=now, reason_code=act.after.reason_code)
        revisions.keep(session, row.id, act.before, action=act.action, who=who, now=now)
        revisions.rewrite(session, row, act.after, now=now)
        drafts.forget(session, row.id)
        corrections.add(session, row.id, act.corrections, who=who, now=now)
        for change in (Change(act.action, None, act.before.state, act.after.state), *act.changes):
            audit.write(
                session,
                who=who,
                action=change.action,
                document_id=row.id,
                field=change.field,
                old=change.old,
                new=change.new,
                now=now,
            )
        if act.message is not None:
            deliveries.add(session, {row.id: act.message}, now=now)


def take_back(
    database: Database,
    document_id: int,
    revision: Revision,
    *,
    who: str,
    holder: str | None,
    seen: datetime,
    now: datetime,
) -> None:
    """Put a document back to how it stood before its latest act.

    Its corrections are forgotten and a message that still waits is not sent. Raises like
    ``perform``.
    """
    with database.write() as session:
        row = _locked(session, document_id, holder=holder, seen=seen, now=now)
        if not revisions.forget(session, revision.revision_id):
            raise ChangedMeanwhile(document_id)
        before, after = row.state, revision.before.state  # a recorded step, walked backwards
        _note(session, row, after, who=who, now=now, reason_code="undone")
        revisions.rewrite(session, row, revision.before, now=now)
        corrections.withdraw(session, document_id, since=revision.at)
        deliveries.withdraw(session, document_id, since=revision.at)
        audit.write(
            session,
            who=who,
            action=f"undo {revision.action}",
            document_id=document_id,
            old=before,
            new=after,
            now=now,
        )


def _locked(
    session: Session, document_id: int, *, holder: str | None, seen: datetime, now: datetime
) -> DocumentRow:
    row = session.get(DocumentRow, document_id, with_for_update=True)
    if row is None or row.updated_at != seen:
        raise ChangedMeanwhile(document_id)
    holds.check(session, document_id, holder=holder, now=now)
    return row


def _note(
    session: Session, row: DocumentRow, state: State, *, who: str, now: datetime, reason_code: str
) -> None:
    done = taken(row.id, row.state, state, at=now, owner=who, reason_code=reason_code)
    note(session, [done])
