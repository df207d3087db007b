"""The verbs that keep and remove: ``backup``, ``restore``, ``purge``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from doctally.cli.exits import ExitCode
from doctally.cli.screen import err, out


def purge(
    older_than: Annotated[
        int | None, typer.Option(help="Days since it failed or came in.", min=1)
    ] = None,
    expired: Annotated[
        bool, typer.Option("--expired", help="Documents kept as long as keep_days wants.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove; without it, only say what.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> int:
    """Remove old failed documents with files and reasons, notes of duplicates, sent messages.

    With --expired, accepted and confirmed documents as well, with files, values and words, once
    the days of their type in the setting keep_days are over. Without --yes nothing is removed:
    what would be is listed.

    Examples:

        doctally purge --older-than 90

        DOCTALLY_KEEP_DAYS='{"receipt": 3650}' doctally purge --expired --yes --json
    """
    from db.database import open_database
    from db.retention import Expired
    from doctally.settings import load_settings
    from flows.folders import Folders
    from flows.purge import Purged, purge_expired
    from flows.purge import purge as remove

    if older_than is None and not expired:
        raise typer.TyperException("give --older-than DAYS, or --expired, or both")
    settings, now = load_settings(), datetime.now(UTC)
    if expired and not settings.keep_days:
        raise typer.TyperException("keep_days is empty: every document is kept for ever")
    folders = Folders(settings.home.resolve())
    gone: Purged | None = None
    over: list[Expired] = []
    files = 0
    with open_database(settings.url) as database:
        if older_than is not None:
            gone = remove(database, folders, before=now - timedelta(days=older_than), really=yes)
        if expired:
            over, files = purge_expired(database, folders, settings.keep_days, now=now, really=yes)
    if as_json:
        told = {"removed": yes, **(asdict(gone.old) if gone else {})}
        told |= {"expired": [asdict(one) for one in over]} if expired else {}
        typer.echo(json.dumps({**told, "files": files + (gone.files if gone else 0)}))
        return ExitCode.DONE
    said = []
    going = [(one.document_id, one.name) for one in (gone.old.failures if gone else ())]
    for number, name in [*going, *((one.document_id, one.name) for one in over)]:
        out().print(f"{number:>5}  {escape(name)}", soft_wrap=True)
    if gone:
        count = len(gone.old.failures)
        said.append(f"{count} failed document{'s' * (count != 1)} ({gone.files} files)")
        said.append(f"{gone.old.arrivals} notes of duplicates")
        said.append(f"{gone.old.messages} delivered messages")
    if expired:
        said.append(f"{len(over)} documents whose time is over ({files} files)")
    if yes:
        err().print(f"removed {', '.join(said)}")
    else:
        err().print(f"would remove {', '.join(said)}; --yes removes them")
    return ExitCode.DONE


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder, outside the home.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> int:
    """Write all documents, values and files into a folder, while everything runs.

    It can be restored into SQLite or PostgreSQL, whichever it came from.

    Example:

        doctally backup /backups/$(date +%F)
    """
    from doctally.settings import load_settings
    from flows.backup import back_up

    saved = back_up(load_settings(), folder, now=datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(asdict(saved)))
        return ExitCode.DONE
    size = f"{saved.size / 1e6:.1f} MB"
    err().print(f"{saved.documents} documents, {saved.files} files ({size}) in {folder}")
    return ExitCode.DONE


def restore(
    folder: Annotated[Path, typer.Argument(help="What `doctally backup` wrote.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> int:
    """Fill an empty home and an empty database from a back-up, after checking every file of it.

    What was in work goes on at the next start. A back-up of an older doctally is brought up to
    date.

    Example:

        DOCTALLY_HOME=new doctally restore /backups/2026-03-05
    """
    from doctally.settings import load_settings
    from flows.backup import restore as fill

    done = fill(load_settings(), folder)
    if as_json:
        typer.echo(json.dumps(asdict(done)))
        return ExitCode.DONE
    err().print(f"{done.documents} documents and {done.files} files restored")
    if done.missing:
        err().print(f"without a file, as when they were backed up: {len(done.missing)} documents")
    return ExitCode.DONE
