"""What a person sees: results on stdout, everything else on stderr; plain without a terminal."""

from __future__ import annotations

import shlex
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from flows.batch import Row

WIDE, ROOMY = 160, 100
LONGEST_REASON = 150
COLOURS = {
    "accepted": "green",
    "review": "yellow",
    "failed": "red",
    "duplicate": "cyan",
    "unpacked": "cyan",
}


def out() -> Console:
    """Return the console of results; rich itself keeps to NO_COLOR."""
    console = Console()
    if not console.is_terminal:
        console.width = WIDE  # a file or a pipe has no edge
    return console


def err() -> Console:
    """Return the console of everything that is not a result."""
    return Console(stderr=True, highlight=False)


def coloured(state: str) -> str:
    """Return a state as rich markup."""
    colour = COLOURS.get(state)
    return f"[{colour}]{state}[/]" if colour else escape(state)


def print_rows(console: Console, rows: Sequence[Row]) -> None:
    """Print results as a table, one line a file, and below it why some need a look."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("file", overflow="fold", min_width=18)
    for name in ("state", "type", "number"):
        table.add_column(name, no_wrap=True)
    roomy = console.width >= ROOMY
    if roomy:
        table.add_column("supplier", overflow="fold")
    table.add_column("total", justify="right", no_wrap=True)
    for row in rows:
        supplier = (escape(row.supplier),) if roomy else ()
        table.add_row(
            str(row.document_id),
            escape(_named(row)),
            coloured(row.state),
            row.document_type,
            escape(row.number),
            *supplier,
            escape(row.total),
        )
    console.print(table)
    for row in rows:
        why = row.reason or row.findings
        if why and row.state != "accepted":
            room = min(LONGEST_REASON, max(console.width - 12, 60))
            short = escape(textwrap.shorten(why, room, placeholder=" ..."))
            console.print(
                f"{row.document_id:>3} {coloured(row.state)} {short}",
                soft_wrap=True,
                highlight=False,
            )


def row_line(row: Row) -> str:
    """Return a result as one line of rich markup."""
    found = " ".join(filter(None, (row.document_type, row.number, row.supplier, row.total)))
    why = textwrap.shorten(row.reason or row.findings, LONGEST_REASON, placeholder=" ...")
    parts = [escape(_named(row)), coloured(row.state), escape(found), escape(why)]
    return f"{row.document_id:>5}  " + " · ".join(part for part in parts if part)


@contextmanager
def progress(description: str, total: int) -> Iterator[Progress]:
    """Give a bar on stderr that goes away at the end; nothing without a terminal."""
    console = err()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        bar.add_task(description, total=total)
        yield bar


def command() -> str:
    """Return how this program is called from here, for hints that can be copied."""
    program = Path(sys.argv[0])
    if program.name != "doctally" or program == Path(which("doctally") or ""):
        return "doctally"
    return shlex.quote(readable(program.absolute()))


def readable(path: Path) -> str:
    """Return a path as short as it can be said from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _named(row: Row) -> str:
    """Return the file, with the document it came in."""
    return row.file if row.parent_id is None else f"{row.file} (in {row.parent_id})"
