"""What a person sees: results on stdout, everything else on stderr; plain without a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from flows.batch import Row

COLOURS = {"accepted": "green", "review": "yellow", "failed": "red", "duplicate": "cyan"}


def out() -> Console:
    """Return the console of results; rich itself keeps to NO_COLOR."""
    return Console(soft_wrap=False)


def err() -> Console:
    """Return the console of everything that is not a result."""
    return Console(stderr=True, highlight=False)


def coloured(state: str) -> str:
    """Return a state as rich markup."""
    colour = COLOURS.get(state)
    return f"[{colour}]{state}[/]" if colour else escape(state)


def row_table(rows: Iterable[Row], *, title: str | None = None) -> Table:
    """Return results as a table, one line a file."""
    table = Table(title=title, title_justify="left", row_styles=("", "dim"))
    names = ("", "file", "type", "state", "number", "supplier", "total", "why")
    for name in names:
        right = name in {"", "total"}
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in rows:
        cells = (row.number, row.supplier, row.total, row.reason or row.findings)
        table.add_row(
            str(row.document_id),
            escape(row.file),
            row.document_type,
            coloured(row.state),
            *map(escape, cells),
        )
    return table


def row_line(row: Row) -> str:
    """Return a result as one line of rich markup."""
    found = " ".join(filter(None, (row.document_type, row.number, row.supplier, row.total)))
    why = row.reason or row.findings
    parts = [escape(row.file), coloured(row.state), escape(found), escape(why)]
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


def readable(path: Path) -> str:
    """Return a path as short as it can be said from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
