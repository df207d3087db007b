"""What every page and route of the review needs: settings, database, the acts, who may come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from db.database import Database, open_database
from doctally.review.access import Access, access
from doctally.settings import Settings
from flows.folders import Folders
from flows.review import Desk


@dataclass(frozen=True, slots=True)
class Office:
    """One installation as people see it; ``desk`` is what ``flows.review`` acts on."""

    settings: Settings
    database: Database
    desk: Desk
    folders: Folders
    access: Access
    now: Callable[[], datetime]


def utc_now() -> datetime:
    """Return the moment, aware."""
    return datetime.now(UTC)


@contextmanager
def open_office(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Iterator[Office]:
    """Give the installation of the settings.

    Raises AccessDenied, ConfigurationError; with the code user_needed if the page were open to
    others without a log-in.
    """
    folders = Folders(settings.home.resolve())
    names = [name.strip() for name in settings.review_names.split(",") if name.strip()]
    with open_database(settings.url) as database:
        yield Office(
            settings=settings,
            database=database,
            desk=Desk(database, folders, tell=bool(settings.webhook_url)),
            folders=folders,
            access=access(database, host=settings.review_host, names=names, now=now),
            now=now,
        )
