"""``learn``: make the bank better by what people corrected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from doctally.cli.screen import err, out


def learn(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Decide everything, change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    tasks: Annotated[
        bool, typer.Option(help="Also train the tasks (minutes), not only suppliers (seconds).")
    ] = True,
    full: Annotated[
        bool, typer.Option("--full", help="Train the shared prompt too, on all confirmed papers.")
    ] = False,
    steps: Annotated[int, typer.Option(help="Training steps of a task.", min=1)] = 60,
    minutes: Annotated[float, typer.Option(help="Longest training of a task.")] = 20.0,
) -> None:
    """Learn from the corrections that are new, and use what is better from the next batch on.

    Old and new are compared on confirmed documents that the new one was not trained on; where
    anything got worse the old one stays. `doctally bank rollback` goes back.

    Example: doctally learn --no-tasks
    """
    from doctally.settings import load_settings
    from flows.learning import Wish
    from flows.learning import learn as run

    console = err()
    wish = Wish(dry_run=dry_run, tasks=tasks, full=full, steps=steps, minutes=minutes)
    report = run(
        load_settings(), wish, told=lambda text: console.print(escape(text), style="dim")
    ).as_json()
    if as_json:
        typer.echo(json.dumps(report))
        return
    _print(report)


def _print(report: Mapping[str, Any]) -> None:
    console = out()
    if report["suppliers"]:
        console.print(_table("Suppliers", report["suppliers"], "supplier"))
    for task in report["tasks"]:
        title = f"Task {task['task']}: {'kept' if task['kept'] else 'left'}, {task['why']}"
        console.print(_table(title, task["groups"], "group"))
    for one in report["flagged"]:
        place = one["field"] if one["line"] is None else f"{one['field']} of line {one['line']}"
        console.print(
            f"not learnt: document {one['document']}, {escape(place)} ({one['why']})",
            soft_wrap=True,
        )
    console.print(escape(f"{report['why']} ({report['seconds']} s)"), soft_wrap=True)
    if report["promoted"]:
        console.print(f"{report['before']} -> {report['version']}")


def _table(title: str, rows: Sequence[Mapping[str, Any]], first: str) -> Table:
    table = Table(title=escape(title))
    for column in (first, "documents", "wrong before", "wrong after", "p worse", ""):
        table.add_column(column, justify="left" if column in (first, "") else "right")
    for row in rows:
        table.add_row(
            escape(str(row[first])),
            str(row["documents"]),
            f"{row['old_error']:.1%}",
            f"{row['new_error']:.1%}",
            f"{row['p_worse']:.3f}",
            escape(str(row.get("why", ""))),
        )
    return table
