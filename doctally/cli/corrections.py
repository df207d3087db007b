"""``corrections``: doubtful documents as a sheet, the corrected sheet back, what is flagged."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from doctally.cli.exits import ExitCode
from doctally.cli.screen import err, out

corrections_app = typer.Typer(help="Correct documents in a spreadsheet instead of the browser.")


@corrections_app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="FILE.csv or FILE.xlsx to write.")],
    limit: Annotated[int, typer.Option(help="At most so many documents.", min=1)] = 200,
) -> None:
    """Write the documents that wait for a review as a sheet, one row a value.

    Write the right value into the column `correct`, `ok` where it is right, `-` where there is
    none. A document in which you write nothing stays as it is, every other one is confirmed.

    Example: doctally corrections export doubtful.xlsx
    """
    from datetime import UTC, datetime

    from db.database import open_database
    from doctally.export import write_table
    from doctally.settings import load_settings
    from flows.sheets import doubtful

    with open_database(load_settings().url) as database:
        frame = doubtful(database, now=datetime.now(UTC), limit=limit)
    write_table(frame, file)
    count = frame["document"].nunique()
    err().print(f"{count} documents, {len(frame)} values -> {escape(str(file))}")


@corrections_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The corrected sheet.", exists=True, dir_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Confirm the documents of a corrected sheet; the file stays where it is.

    A row that cannot be believed leaves its document as it is; the exit code is then 2. A sheet
    dropped into `inbox/corrections/` is taken in the same way.
    """
    from datetime import UTC, datetime

    from db.database import open_database
    from doctally.settings import load_settings
    from flows.corrected import apply
    from flows.folders import Folders
    from flows.review import Desk

    settings = load_settings()
    with open_database(settings.url) as database:
        folders = Folders(settings.home.resolve())
        desk = Desk(database, folders, tell=bool(settings.webhook_url))
        done = apply(desk, file, who=getpass.getuser(), now=datetime.now(UTC))
    if as_json:
        refused = [{"row": r.row, "document": r.document, "reason": r.reason} for r in done.refused]
        said = {"confirmed": list(done.confirmed), "changed": done.changed, "refused": refused}
        typer.echo(json.dumps(said))
    else:
        out().print(escape(str(done)), soft_wrap=True)
    return ExitCode.BAD_INPUT if done.refused else ExitCode.DONE


@corrections_app.command("flagged")
def flagged(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """List the corrections that learning leaves out as likely mistakes, and why."""
    from db.corrections import corrections
    from db.database import open_database
    from doctally.settings import load_settings

    with open_database(load_settings().url) as database:
        found = corrections(database, flagged=True)
    for one in found:
        said = {
            "document": one.document_id,
            "field": one.correction.field,
            "line": one.correction.row,
            "old": one.correction.old,
            "new": one.correction.new,
            "who": one.who,
            "why": one.flag,
        }
        line = json.dumps(said) if as_json else "  ".join(str(v) for v in said.values())
        typer.echo(line)
