"""The verbs around the model: ``train``, ``evaluate`` and ``bank``.

torch is imported inside the commands, so that ``doctally --help`` stays quick.
"""

from __future__ import annotations

import json
from collections.abc import Callable
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

errors = Console(stderr=True)
Folders = Annotated[
    list[Path], typer.Argument(help="Labelled folders: labels*.jsonl beside their files.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]

bank_app = typer.Typer(help="List, compare and choose versions of the prompt bank.")


def _bank(chosen: Path | None) -> Path:
    from doctally.settings import load_settings
    from models.lineage import bank_of

    return chosen or bank_of(load_settings())


def _pool(settings: Settings) -> ReaderPool:
    """Return reading processes for labelled folders."""
    from extractors.read import ReaderPool
    from models.documents import LIMITS

    return ReaderPool(
        LIMITS, workers=settings.readers or cpu_count() or 1, timeout_s=settings.read_timeout_s
    )


def train(
    folders: Folders,
    bank: Annotated[Path | None, typer.Option(help="Bank to write to.")] = None,
    steps: Annotated[
        int | None, typer.Option(help="Steps in which everything is trained.", min=0)
    ] = None,
    above_steps: Annotated[
        int | None,
        typer.Option(help="Steps after that for what stands above the backbone alone.", min=0),
    ] = None,
    minutes: Annotated[float, typer.Option(help="Stop after this long.")] = float("inf"),
    seed: Annotated[int, typer.Option(help="Seed of the starting point and the batches.")] = 7,
    images: Annotated[bool, typer.Option(help="Also read images by OCR (slow).")] = False,
    promote: Annotated[bool, typer.Option(help="Use the new version at once.")] = True,
    start: Annotated[
        str | None,
        typer.Option(metavar="VERSION", help="Go on from this version (active: the one in use)."),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(help="Train this task alone (with --start); no other task changes."),
    ] = None,
    states: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Keep what the backbone says of each window here (0.15 MB each), so that a "
            "second run on the same documents goes on where this one ended.",
        ),
    ] = None,
) -> None:
    """Train a new version of the prompt bank on labelled folders.

    The backbone is never changed. Held-out documents of the known sets are left out.

    Examples:

        doctally train ../labelled synthetic/ --steps 2000 --bank my-bank

        doctally train ../labelled synthetic/ --start active --task invoice --steps 400

        doctally train ../labelled synthetic/ --start active --steps 0 --states kept/
    """
    from dataclasses import replace

    from doctally.settings import load_settings
    from models import bank as banks
    from models.backbone import load_backbone, use_threads
    from models.config import Config
    from models.engine import Engine
    from models.recipe import KEPT, UNSCORED, gather, held_out_scores, train_bank

    settings = load_settings()
    use_threads(settings.threads)
    backbone = load_backbone(settings.backbone)
    target = _bank(bank)
    parent = None
    if start is not None:
        parent = banks.active(target) if start == "active" else banks.version(target, start)
    usual = Config()
    sizes = Config(**parent.card["config"]) if parent is not None else usual
    config = replace(
        sizes,
        steps=usual.steps if steps is None else steps,
        above_steps=usual.above_steps if above_steps is None else above_steps,
        seed=seed,
    )
    with Progress(console=errors) as shown, closing(_pool(settings)) as pool:

        def bar(name: str) -> Callable[[int, int], None]:
            shown_as = shown.add_task(name, total=None)
            return lambda done, total: shown.update(shown_as, completed=done, total=total)

        corpus = gather(folders, backbone, pool, images=images, progress=bar("reading"))
        also = [task] if task else corpus.tasks
        network = None if parent is None else banks.continued(parent, backbone, config, also=also)
        training = shown.add_task(
            "training", total=config.steps + (0 if task else config.above_steps)
        )
        network, card = train_bank(
            backbone,
            corpus,
            config,
            progress=lambda step, loss: shown.update(
                training, completed=step, description=f"training, loss {loss:.3f}"
            ),
            minutes=minutes,
            start=network,
            task=task,
            states=states,
        )
        if parent is not None:
            card = banks.descended(card, parent)
        if parent is not None and task in UNSCORED:
            card |= {name: parent.card[name] for name in KEPT if name in parent.card}
        else:
            engine = Engine(network, config, "new")
            card["held_out"] = held_out_scores(
                folders, engine, pool, images=images, progress=bar("scoring")
            )
    if parent is not None and task is not None:  # the other tasks are as sure as they were
        known = {n: parent.card[n] for n in KEPT if n in parent.card}
        scores = {**known.get("held_out", {}), **card.get("held_out", {})}
        card = {**known, **card, "held_out": scores}
    version = banks.save(network, target, card)
    if promote:
        banks.promote(target, version.name)
    typer.echo(f"{version.name}  {version.folder}")


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
) -> None:
    """Score document types, header fields and line items on labelled documents.

    Of the known sets only the held-out documents (by station, seller or shop) are scored.

    Example: doctally evaluate ../labelled --json
    """
    import pandas as pd

    from doctally.export import write_table
    from doctally.settings import load_settings
    from models.engine import Engine
    from models.evaluate import evaluate as run

    settings = load_settings()
    engine = Engine.load(backbone=settings.backbone, bank=_bank(bank), threads=settings.threads)
    with (
        Progress(console=errors) as shown,
        closing(_pool(settings)) as pool,
    ):
        scoring = shown.add_task("scoring", total=None)
        report = run(
            folder,
            engine,
            pool,
            held_out_only=not everything,
            limit=limit,
            progress=lambda done, total: shown.update(scoring, completed=done, total=total),
        )
    if wrong is not None:
        rows = [{"set": name, **row} for name, scores in report.items() for row in scores.wrong]
        write_table(pd.DataFrame(rows), wrong)
    if as_json:
        sets = {name: scores.as_dict() for name, scores in report.items()}
        typer.echo(
            json.dumps({"bank": engine.version, "held_out_only": not everything, "sets": sets})
        )
        return
    for name, scores in report.items():
        shown_table = Table(
            title=f"{name}: {scores.documents} documents, type accuracy "
            f"{scores.typed_right / max(scores.typed, 1):.3f}, header micro-F1 "
            f"{scores.header.f1:.3f}, line items F1 {scores.items.f1:.3f}"
        )
        for column in ("field", "F1", "precision", "recall", "values"):
            shown_table.add_column(column, justify="left" if column == "field" else "right")
        for field, row in scores.table().iterrows():
            shown_table.add_row(
                str(field),
                *(f"{row[c]:.3f}" for c in ("f1", "precision", "recall")),
                f"{row['values']:.0f}",
            )
        Console().print(shown_table)


@bank_app.command("list")
def bank_list(
    bank: Annotated[Path | None, typer.Option(help="Bank folder.")] = None, as_json: Json = False
) -> None:
    """List the versions of the bank; the one in use is marked with *."""
    from models import bank as banks

    folder = _bank(bank)
    current = banks.active(folder).name
    versions = banks.versions(folder)
    if as_json:
        typer.echo(json.dumps([{**v.card, "active": v.name == current} for v in versions]))
        return
    for version in versions:
        mark = "*" if version.name == current else " "
        card = version.card
        typer.echo(
            f"{mark} {version.name}  {card['created']}  {card['trained_numbers']:,} numbers  "
            f"{len(card['tasks'])} tasks  {card['steps']} steps"
        )


@bank_app.command("show")
def bank_show(
    version: Annotated[str | None, typer.Argument(help="Version; none: the one in use.")] = None,
    bank: Annotated[Path | None, typer.Option(help="Bank folder.")] = None,
) -> None:
    """Print a version's card: data, seed, configuration, metrics."""
    from models import bank as banks

    folder = _bank(bank)
    chosen = banks.active(folder) if version is None else banks.version(folder, version)
    typer.echo(json.dumps(chosen.card, indent=1))


@bank_app.command("promote")
def bank_promote(
    version: Annotated[str, typer.Argument(help="Version to use from now on.")],
    bank: Annotated[Path | None, typer.Option(help="Bank folder.")] = None,
) -> None:
    """Use a version from now on; an older version is a roll-back."""
    from models import bank as banks

    typer.echo(banks.promote(_bank(bank), version).name)


@bank_app.command("rollback")
def bank_rollback(
    bank: Annotated[Path | None, typer.Option(help="Bank folder.")] = None,
) -> None:
    """Go back to the version before the one in use; the next batch is read with it.

    Learning does not come back to the version left behind until there are new corrections.
    """
    from models.lineage import roll_back

    typer.echo(roll_back(_bank(bank)).name)


@bank_app.command("calibrate")
def bank_calibrate(
    folders: Folders,
    bank: Annotated[Path | None, typer.Option(help="Bank folder.")] = None,
    promote: Annotated[bool, typer.Option(help="Use the new version at once.")] = True,
) -> None:
    """Make the active version's confidences mean how often such a value is right.

    The folders must be labelled and never trained on; held-out documents of the known sets stay
    untouched. Writes a new version with the same numbers.

    Example: doctally bank calibrate unseen-synthetic/
    """
    from doctally.settings import load_settings
    from models import bank as banks
    from models.backbone import load_backbone, use_threads
    from models.calibration import calibration_error, fit
    from models.config import Config
    from models.engine import Engine
    from models.recipe import judge

    settings = load_settings()
    use_threads(settings.threads)
    target = _bank(bank)
    version = banks.active(target)
    network = banks.load(version, load_backbone(settings.backbone))
    engine = Engine(network, Config(**version.card["config"]), version.name)
    with Progress(console=errors) as shown, closing(_pool(settings)) as pool:
        scoring = shown.add_task("scoring", total=None)
        judged = judge(
            folders,
            engine,
            pool,
            progress=lambda done, total: shown.update(scoring, completed=done, total=total),
        )
    fitted = fit(judged)
    card = banks.descended({k: v for k, v in version.card.items() if k != "version"}, version)
    card |= {
        "calibration": {name: list(line) for name, line in fitted.lines.items()},
        "calibrated_on": {
            "values": len(judged),
            "raw_error": round(calibration_error(judged), 4),
        },
    }
    made = banks.save(network, target, card)
    if promote:
        banks.promote(target, made.name)
    typer.echo(f"{made.name}  {made.folder}")
