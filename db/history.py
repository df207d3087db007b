"""The history of documents: a row of ``transitions`` for each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.tables import TransitionRow
from doctally.results import State


def taken(
    document_id: int,
    before: State | None,
    after: State,
    *,
    at: datetime,
    owner: str,
    reason_code: str = "",
) -> dict[str, Any]:
    """Return a row of ``transitions``."""
    return {
        "document_id": document_id,
        "before": before,
        "after": after,
        "at": at,
        "owner": owner,
        "reason_code": reason_code,
    }


def note(session: Session, steps: Sequence[Mapping[str, Any]]) -> None:
    """Add steps to the history of documents."""
    if steps:
        session.execute(insert(TransitionRow).execution_options(render_nulls=True), steps)
