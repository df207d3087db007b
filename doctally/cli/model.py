"""The verb ``train``; those on what was trained are in ``doctally.cli.bank``.

torch is imported inside the commands, so that ``doctally --help`` stays quick.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from doctally.cli.evaluate import labelled_pool

errors = Console(stderr=True)
Folders = Annotated[
    list[Path], typer.Argument(help="Labelled folders: labels*.jsonl beside their files.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]


def bank_folder(chosen: Path | None) -> Path:
    """Return the folder of the bank: the chosen one, or the one that serves."""
    from doctally.settings import load_settings
    from models.lineage import bank_of

    return chosen or bank_of(load_settings())


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
    teacher_steps: Annotated[
        int,
        typer.Option(
            help="Steps of a teacher prompt for each data set, to distil from; 0: no teachers.",
            min=0,
        ),
    ] = 0,
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
    from models.lineage import learning_bank
    from models.precision import placed
    from models.recipe import KEPT, UNSCORED, gather, held_out_scores, planned_steps, train_bank

    settings = load_settings()
    use_threads(settings.threads)
    backbone = placed(load_backbone(settings.backbone), device=settings.device)
    target = bank or settings.bank or learning_bank(settings)
    parent = None
    if start is not None:
        parent = banks.active(target) if start == "active" else banks.version(target, start)
    usual = Config()
    sizes = Config(**parent.card["config"]) if parent is not None else usual
    config = replace(
        sizes,
        steps=usual.steps if steps is None else steps,
        above_steps=usual.above_steps if above_steps is None else above_steps,
        teacher_steps=teacher_steps,
        seed=seed,
    )
    with Progress(console=errors) as shown, closing(labelled_pool(settings)) as pool:

        def bar(name: str) -> Callable[[int, int], None]:
            shown_as = shown.add_task(name, total=None)
            return lambda done, total: shown.update(shown_as, completed=done, total=total)

        corpus = gather(folders, backbone, pool, images=images, progress=bar("reading"))
        also = [task] if task else corpus.tasks
        network = None if parent is None else banks.continued(parent, backbone, config, also=also)
        every = planned_steps(corpus, config, start=network is not None, task=bool(task))
        training = shown.add_task("training", total=every)
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
