"""A document's file follows its state: to processed/ when confirmed, and back."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from db.database import Database
from db.documents import Summary
from doctally.errors import AccessDenied
from doctally.results import State
from flows.filing import file_ended, file_failed
from flows.folders import Folders, reason_path

REJECTED = "rejected"

log = logging.getLogger("doctally.review")


def refile(
    database: Database,
    folders: Folders | None,
    about: Summary,
    state: State,
    *,
    reason: str = "",
    now: datetime,
) -> None:
    """Move the document's file to the folder of its new state; ``about`` is it before.

    A file that cannot be moved stays where it is: the decision stands without it.
    """
    if folders is None or not about.location:
        return
    source = folders.home / about.location
    number, name = about.document_id, about.name
    target = folders.destination(number, name, state, now)
    if not source.is_file() or _top(folders, source) == _top(folders, target):
        return
    named: dict[str, Any] = {"document_id": number, "name": name, "source": source, "now": now}
    try:
        if state is State.FAILED:
            file_failed(database, folders, code=REJECTED, message=reason, **named)
        else:
            file_ended(database, folders, outcome=state, **named)
            reason_path(source).unlink(missing_ok=True)
    except AccessDenied as error:
        log.warning("document %d: its file stays at %s: %s", number, about.location, error)


def _top(folders: Folders, path: Path) -> str:
    return path.relative_to(folders.home).parts[0]
