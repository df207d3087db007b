"""The verb ``evaluate``: how well labelled documents are read, as table, JSON or a report.

torch is imported inside the command, so that ``doctally --help`` stays quick.
"""

from __future__ import annotations

import json
from contextlib import closing
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

if TYPE_CHECKING:
    from doctally.settings import Settings
    from extractors.read import ReaderPool
    from models.evaluate import Scores

errors = Console(stderr=True)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]


def labelled_pool(settings: Settings) -> ReaderPool:
    """Return reading processes for labelled folders."""
    from extractors.read import ReaderPool
    from models.documents import LIMITS

    return ReaderPool(
        LIMITS, workers=settings.readers or cpu_count() or 1, timeout_s=settings.read_timeout_s
    )


def evaluate(
    folder: Annotated[Path, typer.Argument(help="A labelled folder, or a folder of such.")],
    as_json: Json = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Score training documents too (not an honest figure).")
    ] = False,
    bank: Annotated[Path | None, typer.Option(help="Bank whose active version is scored.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most this many documents a set.")] = None,
    wrong: Annotated[
        Path | None, typer.Option(help="Write each wrong value to this CSV or Excel file.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Write a report to this folder: tables, plots and the worst documents' pages "
            "(open report.html)."
        ),
    ] = None,
    worst: Annotated[
        int, typer.Option(help="So many documents of a set have their pages in the report.", min=0)
    ] = 12,
) -> None:
    """Score document types, header fields and line items on labelled documents.

    Of the known sets only the held-out documents (by station, seller or shop) are scored. A folder
    of your own needs a labels.jsonl beside its files, one JSON object a line:
    {"file", "document_type", "fields": {NAME: VALUE}, "labelled": [NAME, ...]}.

    Example: doctally evaluate ../labelled --json
    Example: doctally evaluate our-invoices --report how-well
    """
    import pandas as pd

    from doctally.export import write_table
    from doctally.settings import load_settings
    from models.engine import Engine
    from models.evaluate import evaluate as run
    from models.lineage import bank_of

    settings = load_settings()
    engine = Engine.load(
        backbone=settings.backbone,
        bank=bank or bank_of(settings),
        threads=settings.threads,
        precision=settings.precision,
        device=settings.device,
    )
    with Progress(console=errors) as shown, closing(labelled_pool(settings)) as pool:
        scoring = shown.add_task("scoring", total=None)
        found = run(
            folder,
            engine,
            pool,
            held_out_only=not everything,
            limit=limit,
            progress=lambda done, total: shown.update(scoring, completed=done, total=total),
        )
        if report is not None:
            from doctally.cli.evaluation import write_report

            drawing = shown.add_task("drawing", total=None)
            page = write_report(
                found,
                report,
                pool,
                engine.version,
                worst=worst,
                progress=lambda done, total: shown.update(drawing, completed=done, total=total),
            )
    if report is not None:
        errors.print(f"report: {page}")
    if wrong is not None:
        rows = [{"set": n, **row.as_dict()} for n, scores in found.items() for row in scores.wrong]
        write_table(pd.DataFrame(rows), wrong)
    if as_json:
        sets = {name: scores.as_dict() for name, scores in found.items()}
        typer.echo(
            json.dumps({"bank": engine.version, "held_out_only": not everything, "sets": sets})
        )
        return
    for name, scores in found.items():
        Console().print(_table(name, scores))


def _table(name: str, scores: Scores) -> Table:
    shown = Table(
        title=f"{name}: {scores.documents} documents, type accuracy "
        f"{scores.typed_right / max(scores.typed, 1):.3f}, header micro-F1 "
        f"{scores.header.f1:.3f}, line items F1 {scores.items.f1:.3f}"
    )
    for column in ("field", "F1", "precision", "recall", "values"):
        shown.add_column(column, justify="left" if column == "field" else "right")
    for field, row in scores.table().iterrows():
        shown.add_row(
            str(field),
            *(f"{row[c]:.3f}" for c in ("f1", "precision", "recall")),
            f"{row['values']:.0f}",
        )
    return shown
