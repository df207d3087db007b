"""Checks of what doctally works with: its files, queues, mailbox, and who could come in."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from doctally.cli.finding import Doubt, free_port
from doctally.errors import ConfigurationError
from doctally.settings import Settings

WAITS = timedelta(hours=1)
HISTORY_MB = 2000
MANY = 200


def lists(settings: Settings) -> str:
    """Read the files that the settings name."""
    from doctally.categories import load_categories
    from doctally.matching.tolerance import load_tolerances

    given = [p for p in (settings.tolerances, settings.categories) if p is not None]
    for path in given:
        if not path.is_file():
            raise ConfigurationError(f"{path} is not there; correct the setting or remove it")
    load_tolerances(settings.tolerances)
    load_categories(settings.categories)
    return ", ".join(map(str, given)) or "tolerances and categories as they come"


def exposed(settings: Settings) -> str:
    """Look whether somebody could come in who should not."""
    from db.database import open_database
    from doctally.review.access import access
    from flows.server import check_exposure

    check_exposure(settings.host, os.environ)
    with open_database(settings.url) as database:
        found = access(database, host=settings.review_host, names=[], now=lambda: datetime.now(UTC))
    if settings.review_port == settings.port and settings.review:
        raise ConfigurationError(
            f"the review page and Prefect both want port {settings.port}; DOCTALLY_REVIEW_PORT=4300"
        )
    return "people log in" if found.open_beyond else "the pages answer this machine only"


def review_port(settings: Settings) -> str:
    """Look whether the review page can be served."""
    import urllib.request

    if not settings.review:
        return "not served (DOCTALLY_REVIEW=false)"
    try:
        with urllib.request.urlopen(f"{settings.review_address}/health", timeout=3) as answer:  # noqa: S310  an address of the settings
            return f"it answers at {settings.review_address}" if answer.status == 200 else "?"
    except OSError:
        pass
    return free_port(settings.review_host, settings.review_port, "DOCTALLY_REVIEW_PORT")


def notices(settings: Settings) -> str:
    """Look whether Prefect has the notification blocks that people are told through."""
    from flows.server import Address, healthy

    names = settings.notify_blocks
    for name in names:
        if not all(name.partition("/")):
            raise ConfigurationError(
                f"notify_block: {name!r} is no KIND/NAME, like smtp-email/office"
            )
    if not names:
        return "nobody is told of a long queue or a late shipment (DOCTALLY_NOTIFY_BLOCK)"
    address = Address(settings.host, settings.port)
    if not healthy(address):
        return f"{', '.join(names)}; looked for while `doctally up` runs"
    from flows.notices import missing

    if absent := missing(settings, address):
        raise Doubt(
            f"Prefect has no block {', '.join(absent)}; make it under Blocks at {address.ui}, "
            "the running doctally takes it within seconds (docs/shipments.md)"
        )
    return f"{', '.join(names)}: there"


def mailbox(settings: Settings) -> str:
    """Log in to the mailbox, if there is one."""
    from flows.imap import open_mailbox

    if not settings.imap_host:
        return "none is set"
    if not (settings.imap_user and settings.imap_password.get_secret_value()):
        raise ConfigurationError("imap_host needs DOCTALLY_IMAP_USER and DOCTALLY_IMAP_PASSWORD")
    with open_mailbox(settings) as box:
        waiting = sum(1 for _ in box.new())
    return f"{settings.imap_host}: {waiting} new messages"


def queues(settings: Settings) -> str:
    """Look for files and documents that nobody takes."""
    from db.database import open_database
    from db.gauges import in_work
    from flows.folders import Folders, Found, Problem, scan
    from flows.instance import AlreadyRunning, only_instance

    now = datetime.now(UTC)
    entries = list(scan(Folders(settings.home.resolve()).inbox))
    found = [entry for entry in entries if isinstance(entry, Found)]
    problems = [entry for entry in entries if isinstance(entry, Problem)]
    if problems:
        raise Doubt(f"{problems[0].name}: {problems[0].message}")
    with open_database(settings.url) as database:
        work = in_work(database)
    try:
        with only_instance(settings.home):
            working = False
    except AlreadyRunning:
        working = True
    came = min((entry.ctime_ns for entry in found), default=0) / 1e9
    if found and now.timestamp() - came > WAITS.total_seconds():
        what = "the runner is stuck, see its log" if working else "nobody works: doctally up"
        raise Doubt(f"{len(found)} files wait in the inbox, one for over an hour; {what}")
    if work.oldest is not None and now - work.oldest > WAITS and not working:
        raise Doubt(f"{work.number} documents were left in work; `doctally up` takes them up again")
    return f"{len(found)} files in the inbox, {work.number} documents in work"


def history(settings: Settings) -> str:
    """Look at the size of Prefect's own database: it makes everything slow when it grows."""
    file = settings.home / "prefect" / "prefect.db"
    size = file.stat().st_size // 1_000_000 if file.is_file() else 0
    if size > HISTORY_MB:
        raise Doubt(
            f"{file} has {size} MB; let `housekeeping` run every night, or stop doctally and "
            "remove the file: it holds history only"
        )
    return f"{size} MB"


def failures(settings: Settings) -> str:
    """Look for one reason that fails many documents."""
    from db.database import open_database
    from db.gauges import failed_since

    with open_database(settings.url) as database:
        found = failed_since(database, since=datetime.now(UTC) - timedelta(days=1))
    total = sum(found.values())
    if total > MANY or (total > 10 and max(found.values()) > 0.8 * total):
        code, count = max(found.items(), key=lambda pair: pair[1])
        raise Doubt(f"{total} documents failed in a day, {count} of them with {code}: see failed/")
    return f"{total} documents failed in a day"
