"""What people corrected and confirmed: added with the document's new values, read for learning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from db.database import Database
from db.tables import CorrectionRow
from doctally.corrections import Correction
from doctally.pages import Box

_CHUNK = 500  # ids in one statement


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """A correction as it is kept.

    ``flag`` says why it is not learnt from; ``learnt_in`` names the first bank version that was.
    """

    correction_id: int
    document_id: int
    correction: Correction
    who: str
    at: datetime
    flag: str | None = None
    learnt_in: str | None = None


def add(
    session: Session,
    document_id: int,
    corrections: Sequence[Correction],
    *,
    who: str,
    now: datetime,
) -> None:
    """Keep a person's corrections of a document, in the caller's transaction."""
    for one in corrections:
        x0, y0, x1, y1 = one.bbox.as_list() if one.bbox else [None] * 4
        session.add(
            CorrectionRow(
                document_id=document_id,
                kind=one.kind,
                line=one.row,
                field=one.field,
                old=one.old,
                new=one.new,
                page=one.page,
                x0=x0,
                y0=y0,
                x1=x1,
                y1=y1,
                who=who,
                corrected_at=now,
            )
        )


def withdraw(session: Session, document_id: int, *, since: datetime | None = None) -> int:
    """Return how many corrections of a document are forgotten (an undo), in this transaction.

    All of them, or those made at ``since`` or later.
    """
    gone = delete(CorrectionRow).where(CorrectionRow.document_id == document_id)
    if since is not None:
        gone = gone.where(CorrectionRow.corrected_at >= since)
    return len(session.scalars(gone.returning(CorrectionRow.id)).all())


def corrections(
    database: Database,
    *,
    document_id: int | None = None,
    since: datetime | None = None,
    unlearnt: bool = False,
    flagged: bool = False,
) -> list[StoredCorrection]:
    """Return the corrections of one document or of all, oldest first.

    ``unlearnt`` leaves out what a bank version has been trained on already, ``flagged`` what is
    no likely mistake.
    """
    chosen = select(CorrectionRow).order_by(CorrectionRow.id)
    if document_id is not None:
        chosen = chosen.where(CorrectionRow.document_id == document_id)
    if since is not None:
        chosen = chosen.where(CorrectionRow.corrected_at >= since)
    if unlearnt:
        chosen = chosen.where(CorrectionRow.learnt_in.is_(None))
    if flagged:
        chosen = chosen.where(CorrectionRow.flag.is_not(None))
    with database.read() as session:
        return [_stored(row) for row in session.scalars(chosen)]


def anything_new(database: Database, known: Iterable[str]) -> bool:
    """Tell whether there is a correction that none of these bank versions was trained on."""
    new = or_(CorrectionRow.learnt_in.is_(None), CorrectionRow.learnt_in.not_in(sorted(known)))
    with database.read() as session:
        return session.scalar(select(CorrectionRow.id).where(new).limit(1)) is not None


def flag(database: Database, flags: Mapping[int, str | None]) -> None:
    """Note per correction why it is not learnt from, None where it is."""
    with database.write() as session:
        rows = [{"id": number, "flag": code} for number, code in sorted(flags.items())]
        if rows:
            session.execute(update(CorrectionRow), rows)


def learnt(database: Database, correction_ids: Iterable[int], version: str) -> None:
    """Note the bank version that was first trained on these corrections."""
    numbers = sorted(correction_ids)
    with database.write() as session:
        for start in range(0, len(numbers), _CHUNK):
            some = CorrectionRow.id.in_(numbers[start : start + _CHUNK])
            new = update(CorrectionRow).where(some, CorrectionRow.learnt_in.is_(None))
            session.execute(new.values(learnt_in=version))


def _stored(row: CorrectionRow) -> StoredCorrection:
    box = None
    if row.x0 is not None and row.y0 is not None and row.x1 is not None and row.y1 is not None:
        box = Box(row.x0, row.y0, row.x1, row.y1)
    return StoredCorrection(
        row.id,
        row.document_id,
        Correction(row.field, row.line, row.old, row.new, row.kind, row.page, box),
        row.who,
        row.corrected_at,
        row.flag,
        row.learnt_in,
    )
