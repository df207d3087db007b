"""The verb that removes: ``purge``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.markup import escape

from doctally.cli.exits import ExitCode
from doctally.cli.screen import err, out


def purge(
    older_than: Annotated[int, typer.Option(help="Days since it failed or came in.", min=1)],
    yes: Annotated[bool, typer.Option("--yes", help="Remove; without it, only say what.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> int:
    """Remove old failed documents with files and reasons, notes of duplicates, sent messages.

    Accepted, reviewed and confirmed documents are never touched. Without --yes nothing is
    removed: what would be is listed.

    Examples:

        doctally purge --older-than 90

        doctally purge --older-than 90 --yes --json
    """
    from db.database import open_database
    from doctally.settings import load_settings
    from flows.folders import Folders
    from flows.purge import purge as remove

    settings = load_settings()
    before = datetime.now(UTC) - timedelta(days=older_than)
    with open_database(settings.url) as database:
        gone = remove(database, Folders(settings.home.resolve()), before=before, really=yes)
    if as_json:
        typer.echo(json.dumps({"removed": yes, **asdict(gone.old), "files": gone.files}))
        return ExitCode.DONE
    for failure in gone.old.failures:
        out().print(f"{failure.document_id:>5}  {escape(failure.name)}", soft_wrap=True)
    failures = len(gone.old.failures)
    told = f"{failures} failed document{'s' * (failures != 1)} ({gone.files} files)"
    told += f", {gone.old.arrivals} notes of duplicates, {gone.old.messages} delivered messages"
    if yes:
        err().print(f"removed {told}")
    else:
        err().print(f"would remove {told}; --yes removes them")
    return ExitCode.DONE
