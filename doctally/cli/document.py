"""The verbs on documents: ``extract`` (nothing is kept) and ``export`` (from the database)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from doctally.cli.exits import ExitCode
from doctally.cli.screen import coloured, err, out, progress

if TYPE_CHECKING:
    from doctally.results import Result

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]


def extract(
    files: Annotated[
        list[Path], typer.Argument(help="Files, or folders of files.", metavar="FILE...")
    ],
    as_json: AsJson = False,
) -> int:
    """Read files and print what is in them; no database, no folders, nothing is kept.

    A bad file is reported and the others go on; the exit code is then 2.

    Examples:

        doctally extract invoice.pdf

        doctally extract scans/*.pdf --json | jq '.fields.total_gross.value'
    """
    from datetime import UTC, datetime

    from doctally.results import State
    from doctally.settings import load_settings
    from flows.extract import extract as results
    from flows.extract import files_of
    from flows.reader import reading

    settings = load_settings()
    paths = files_of(files)
    failed = seen = 0
    with reading(settings, at_once=len(paths)) as reader, progress("extracting", len(paths)) as bar:
        for result in results(paths, settings, reader, now=datetime.now(UTC)):
            seen += 1
            failed += result.outcome is State.FAILED
            if as_json:
                typer.echo(json.dumps(result.as_json(), ensure_ascii=False))
                sys.stdout.flush()
            else:
                _show(result)
            bar.advance(bar.task_ids[0])
    if failed:
        err().print(f"{failed} of {max(seen, len(paths))} files could not be read", style="red")
    return ExitCode.BAD_INPUT if failed else ExitCode.DONE


def _show(result: Result) -> None:
    console = out()
    found = result.extraction
    console.print(f"\n{coloured(str(result.outcome))} [bold]{escape(result.file)}[/]")
    if found is not None:
        sure = f"{found.route_confidence:.2f}"
        console.print(f"{found.document_type} ({sure})")
        table = Table(box=None, padding=(0, 2))
        for name in ("field", "value", "sure", "page"):
            table.add_column(name, justify="right" if name in {"sure", "page"} else "left")
        for name, cell in found.fields.items():
            page = str(cell.page or "")
            table.add_row(name, escape(cell.value), f"{cell.confidence:.2f}", page)
        console.print(table)
    if found is not None and found.line_items:
        columns = list(dict.fromkeys(name for row in found.line_items for name in row))
        lines = Table(*columns, box=None, padding=(0, 2))
        for row in found.line_items:
            lines.add_row(*(escape(row[c].value) if c in row else "" for c in columns))
        console.print(lines)
    for finding in result.findings:
        console.print(f"{finding.severity}: {escape(finding.message)} \\[{finding.code}]")


def export(
    table: Annotated[str, typer.Argument(help="invoices, invoice_lines, purchase_orders, ...")],
    to: Annotated[
        Path | None, typer.Option(help="FILE.csv, .xlsx, .parquet or .json; none: CSV on stdout.")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", help="ubl: a UBL file a document into the folder --to."),
    ] = None,
    state: Annotated[
        list[str] | None, typer.Option(help="Only documents in this state; may be repeated.")
    ] = None,
) -> int:
    """Write a table of the database to a file.

    Examples:

        doctally export invoices --to invoices.xlsx

        doctally export invoice_lines --state accepted --state confirmed --to lines.parquet

        doctally export invoices --format ubl --to handover/    # accepted and confirmed ones
    """
    from db.database import open_database
    from db.frames import table as frame_of
    from doctally.export import write_csv, write_table
    from doctally.settings import load_settings

    if form is not None:
        return _hand_over(table, form=form, to=to, states=state or ["accepted", "confirmed"])
    with open_database(load_settings().url) as database:
        frame = frame_of(database, table, where={"state": state} if state else None)
    if to is None:
        write_csv(frame, sys.stdout)
        return ExitCode.DONE
    write_table(frame, to)
    err().print(f"{len(frame)} rows -> {escape(str(to))}")
    return ExitCode.DONE


def _hand_over(table: str, *, form: str, to: Path | None, states: list[str]) -> int:
    from db.database import open_database
    from doctally.cli.handover import write_ubl
    from doctally.settings import load_settings

    if form != "ubl" or to is None:
        raise typer.TyperException("give --format ubl and the folder to write to with --to")
    written = refused = 0
    with open_database(load_settings().url) as database:
        for path, reason in write_ubl(database, table, to, states=states):
            written += path is not None
            if path is None:
                refused += 1
                err().print(escape(reason), style="yellow")
    err().print(f"{written} documents -> {escape(str(to))}")
    return ExitCode.BAD_INPUT if refused else ExitCode.DONE
