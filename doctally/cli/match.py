"""``match``: reconcile a folder of orders, deliveries and bills, without a database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from doctally.cli.exits import ExitCode
from doctally.cli.screen import err, out, progress

if TYPE_CHECKING:
    from doctally.matching import Reconciliation
    from doctally.results import Extraction

_PAIRS = 10_000
"""Pairs of lines that the bank is asked about: some minutes."""
_COLOURS = {"approve": "green", "review": "yellow", "hold": "red"}


def match(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Files or folders; .jsonl: lines of `extract --json`.", metavar="DIR..."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a paper.")] = False,
    tolerances: Annotated[
        Path | None, typer.Option(help="TOML file of tolerances; none: that of the settings.")
    ] = None,
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Score lines by their texts, codes and prices alone.")
    ] = False,
) -> int:
    """Match orders, deliveries and bills with each other and print the decisions.

    Lines that neither code nor text decides are put to the bank's pair task. Nothing is kept. A bad
    file is reported and the others go on; the exit code is then 2.

    Examples:

        doctally match papers/

        doctally match papers/ --json | jq 'select(.decision == "hold")'
    """
    from doctally.matching import load_tolerances, paper_of, reconcile
    from doctally.settings import load_settings
    from flows.engine import shared_engine
    from flows.opinion import judge_of

    for path in files:
        if not path.exists():
            raise typer.BadParameter(f"{path} is not there")
    settings = load_settings()
    allowed = load_tolerances(tolerances or settings.tolerances)
    failed = others = 0
    papers = []
    for name, extraction in extractions(files):
        if extraction is None:
            failed += 1
            continue
        paper = paper_of(extraction, paper_id=name)
        if paper is None:
            others += 1
        else:
            papers.append(paper)
    if others or not papers:
        err().print(f"orders, deliveries and bills: {len(papers)}, other documents: {others}")
    judge = None if no_model else judge_of(partial(shared_engine, settings), at_most=_PAIRS)
    found = reconcile(papers, tolerances=allowed, judge=judge)
    if as_json:
        for line in _told(found):
            typer.echo(json.dumps(line, ensure_ascii=False))
    elif found.verdicts:
        _show(found)
    return ExitCode.BAD_INPUT if failed else ExitCode.DONE


def extractions(files: Sequence[Path]) -> Iterator[tuple[str, Extraction | None]]:
    """Yield each file's name and extraction, None for a file that could not be read."""
    from datetime import UTC, datetime

    from doctally.results import State
    from doctally.settings import load_settings
    from flows.extract import extract as results
    from flows.extract import files_of
    from flows.reader import reading

    paths = files_of(files)
    for path in paths:
        if path.suffix == ".jsonl":
            yield from _printed(path)
    rest = [path for path in paths if path.suffix != ".jsonl"]
    if not rest:
        return
    settings = load_settings()
    with reading(settings, at_once=len(rest)) as reader, progress("reading", len(rest)) as bar:
        for result in results(rest, settings, reader, now=datetime.now(UTC)):
            if result.outcome is State.FAILED:
                err().print(f"{escape(result.file)}: {escape(result.findings[0].message)}")
                yield result.file, None
            elif result.extraction is not None:
                yield result.file, result.extraction
            bar.advance(bar.task_ids[0])


def _printed(path: Path) -> Iterator[tuple[str, Extraction | None]]:
    """Yield what ``doctally extract --json`` has printed; raises BadParameter naming the line."""
    from doctally.results import Extraction, FieldValue

    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row: dict[str, Any] = json.loads(line)
            kind = row["document_type"]
            fields = {n: FieldValue(str(c["value"]), 1.0) for n, c in row["fields"].items()}
            lines = tuple(
                {n: FieldValue(str(c["value"]), 1.0) for n, c in cells.items()}
                for cells in row["line_items"]
            )
            name = str(row["file"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            said = f"{path}, line {number} is none of `doctally extract --json`"
            raise typer.BadParameter(said) from error
        yield name, None if kind is None else Extraction(kind, 1.0, fields, lines)


def _told(found: Reconciliation) -> Iterator[dict[str, Any]]:
    links: dict[str, list[dict[str, Any]]] = {}
    for link in found.links:
        told = {"order": link.order_id, "how": link.how, "score": round(link.score, 4)}
        links.setdefault(link.paper_id, []).append(told)
    for verdict in found.verdicts:
        yield {
            "file": verdict.paper_id,
            "decision": str(verdict.decision),
            "at_stake": f"{verdict.stake:.2f}",
            "currency": verdict.currency or None,
            "orders": links.get(verdict.paper_id, []),
            "lines": [
                {
                    "line": m.line,
                    "order": m.order_id,
                    "order_line": m.order_line,
                    "score": m.score,
                    "quantity": None if m.quantity is None else f"{m.quantity.normalize():f}",
                    "amount": None if m.amount is None else f"{m.amount:.2f}",
                    "kind": m.kind,
                }
                for m in verdict.lines
            ],
            "reasons": [
                {
                    "code": r.code,
                    "weight": str(r.weight),
                    "line": r.line,
                    "amount": f"{r.amount:.2f}",
                    "message": r.message,
                }
                for r in verdict.reasons
            ],
        }


def _show(found: Reconciliation) -> None:
    table = Table(box=None, padding=(0, 2))
    for name in ("paper", "decision", "orders", "reason", "line", "at stake", "what"):
        table.add_column(name, justify="right" if name in ("line", "at stake") else "left")
    orders: dict[str, list[str]] = {}
    for link in found.links:
        orders.setdefault(link.paper_id, []).append(Path(link.order_id).name)
    for verdict in found.verdicts:
        colour = _COLOURS[verdict.decision]
        head = [
            escape(Path(verdict.paper_id).name),
            f"[{colour}]{verdict.decision}[/]",
            escape(", ".join(orders.get(verdict.paper_id, ["none found"]))),
        ]
        if not verdict.reasons:
            table.add_row(*head, "", "", "", "")
        for reason in verdict.reasons:
            amount = f"{reason.amount:.2f} {verdict.currency}".strip()
            line = "" if reason.line is None else str(reason.line)
            table.add_row(*head, reason.code, line, amount, escape(reason.message))
            head = ["", "", ""]
    out().print(table)
