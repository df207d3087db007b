"""The steps of a claimed document's life that carry no values: advance, fail, refuse, relocate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.claims import fresh
from db.columns import plain, text_of
from db.database import Database
from db.history import note, taken
from db.life import WORKING, step
from db.tables import DocumentRow
from doctally.results import State


def held(session: Session, document_ids: Iterable[int], owner: str) -> dict[int, DocumentRow]:
    """Return the documents that are still the owner's to change, locked."""
    mine = select(DocumentRow).where(
        DocumentRow.id.in_(list(document_ids)),
        DocumentRow.owner == owner,
        DocumentRow.state != State.CONFIRMED,  # a person's word stands
    )
    return {row.id: row for row in session.scalars(mine.order_by(DocumentRow.id).with_for_update())}


def walked(
    row: DocumentRow, states: Sequence[State], *, now: datetime, reason_code: str = ""
) -> Iterator[dict[str, Any]]:
    """Give the rows of ``transitions`` for a walk; the last step carries the reason."""
    for before, after in pairwise((row.state, *states)):
        code = reason_code if after is states[-1] else ""
        yield taken(row.id, before, after, at=now, owner=row.owner, reason_code=code)


def advance(
    database: Database, document_ids: Sequence[int], state: State, *, owner: str, now: datetime
) -> frozenset[int]:
    """Return the documents that are now in this step of the work; the others left the owner.

    Raises IllegalTransition if the step cannot follow; one already reached is left as it is.
    """
    if state not in WORKING:
        raise ValueError(f"{state} is an outcome: store and fail give those")
    with database.write() as session:
        mine = held(session, document_ids, owner)
        moved = [row for row in mine.values() if row.state is not state]
        for row in moved:
            step(row.state, state)
        note(session, [done for row in moved for done in walked(row, [state], now=now)])
        changed = [{"id": row.id, "state": state, "updated_at": now} for row in moved]
        if changed:
            session.execute(update(DocumentRow), changed)
        return frozenset(mine)


def fail(
    database: Database, document_id: int, code: str, message: str, *, owner: str, now: datetime
) -> bool:
    """Return whether the document is now failed with this reason; False: no longer the owner's.

    Raises IllegalTransition if the document has ended well.
    """
    with database.write() as session:
        row = held(session, [document_id], owner).get(document_id)
        if row is None:
            return False
        if row.state is not State.FAILED:
            step(row.state, State.FAILED)
            note(session, list(walked(row, [State.FAILED], now=now, reason_code=code)))
            row.state, row.updated_at = State.FAILED, now
        row.reason_code, row.reason, row.lease_until, row.finished_at = code, message, None, now
        return True


def refuse(
    database: Database,
    *,
    name: str,
    tags: tuple[str, ...],
    size: int,
    code: str,
    message: str,
    owner: str,
    now: datetime,
) -> int:
    """Return the failed document of a file whose bytes cannot be read; one a name and tags."""
    label = plain(name), text_of(tags)
    reason = {"reason_code": code, "reason": message, "updated_at": now, "finished_at": now}
    unread = select(DocumentRow.id).where(
        DocumentRow.sha256.is_(None), DocumentRow.name == label[0], DocumentRow.tags == label[1]
    )
    with database.write() as session:
        known = session.scalars(unread).first()
        if known is not None:
            session.execute(update(DocumentRow).where(DocumentRow.id == known).values(reason))
            return known
        given = {"size": size, "state": State.FAILED, "owner": owner, "claimed_at": now}
        row = DocumentRow(**fresh(label, {**given, **reason}))
        session.add(row)
        session.flush()
        note(session, [taken(row.id, None, State.FAILED, at=now, owner=owner, reason_code=code)])
        return row.id


def relocate(database: Database, document_id: int, location: str) -> None:
    """Note where the document's file lies now, relative to the home folder."""
    with database.write() as session:
        moved = update(DocumentRow).where(DocumentRow.id == document_id)
        session.execute(moved.values(location=location))
