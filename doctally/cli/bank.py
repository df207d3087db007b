"""The verbs on versions of the prompt bank: ``doctally bank ...``.

torch is imported inside the commands, so that ``doctally --help`` stays quick.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from doctally.cli.model import Folders, Json, bank_folder, train
from doctally.cli.tuning import Bank, Promote, calibrate, captions

bank_app = typer.Typer(help="Add and adapt tasks; list, compare, average and choose versions.")
Steps = Annotated[int, typer.Option(help="Steps of training.", min=1)]
Minutes = Annotated[float, typer.Option(help="Stop after this long.")]


@bank_app.command("add")
def bank_add(
    task: Annotated[str, typer.Argument(help="A task of models/tasks.py that the bank lacks.")],
    folders: Folders,
    bank: Bank = None,
    steps: Steps = 400,
    minutes: Minutes = float("inf"),
    promote: Promote = True,
) -> None:
    """Add a task to the version in use: its factors and label vectors, nothing else.

    Every other task answers as before, to the last bit.

    Example: doctally bank add quotation my-quotations/
    """
    _alone(task, folders, bank, steps, minutes, promote, known=False)


@bank_app.command("adapt")
def bank_adapt(
    task: Annotated[str, typer.Argument(help="A task of the version in use.")],
    folders: Folders,
    bank: Bank = None,
    steps: Steps = 60,
    minutes: Minutes = float("inf"),
    promote: Promote = True,
) -> None:
    """Train a task of the version in use on further documents, its own numbers alone.

    Every other task answers as before, to the last bit.

    Example: doctally bank adapt invoice corrected/ --steps 60
    """
    _alone(task, folders, bank, steps, minutes, promote, known=True)


def _alone(
    task: str,
    folders: list[Path],
    bank: Path | None,
    steps: int,
    minutes: float,
    promote: bool,
    *,
    known: bool,
) -> None:
    from models.cards import active

    version = active(bank_folder(bank))
    if (task in version.card["tasks"]) is not known:
        has = "has no" if known else "already has the"
        other = "add" if known else "adapt"
        raise typer.BadParameter(f"{version.name} {has} task {task}: doctally bank {other} {task}")
    train(
        folders,
        bank=bank,
        steps=steps,
        minutes=minutes,
        promote=promote,
        start="active",
        task=task,
    )


@bank_app.command("diff")
def bank_diff(
    first: Annotated[str, typer.Argument(help="Version before.")],
    second: Annotated[str | None, typer.Argument(help="After; none: the one in use.")] = None,
    bank: Bank = None,
    as_json: Json = False,
) -> None:
    """Tell what changed from one version to another: tasks, numbers, settings, scores."""
    from dataclasses import asdict

    from models.cards import active, version
    from models.differing import difference

    folder = bank_folder(bank)
    before = version(folder, first)
    after = active(folder) if second is None else version(folder, second)
    found = difference(before, after)
    if as_json:
        typer.echo(json.dumps({"first": before.name, "second": after.name, **asdict(found)}))
        return
    for word, tasks in (("added", found.added), ("removed", found.removed)):
        if tasks:
            typer.echo(f"tasks {word}: {', '.join(tasks)}")
    table = Table("part", "numbers", "changed", "moved", box=None, padding=(0, 2))
    for part in found.parts:
        moved = f"{part.moved:.1%}" if part.changed else "the same bits"
        table.add_row(part.name, f"{part.numbers:,}", f"{part.changed:,}", moved)
    Console().print(table)
    for title, told in (("setting", found.settings), ("score", found.scores)):
        for name, (was, now) in told.items():
            typer.echo(f"{title} {name}: {was} -> {now}")


@bank_app.command("average")
def bank_average(
    first: Annotated[str, typer.Argument(help="A version.")],
    second: Annotated[str, typer.Argument(help="Another of the same tasks and sizes.")],
    bank: Bank = None,
    share: Annotated[float, typer.Option(help="Share of the first one.")] = 0.5,
    promote: Annotated[bool, typer.Option(help="Use the new version at once.")] = False,
) -> None:
    """Write a version that is the average of two; calibrate it before it serves.

    Example: doctally bank average 8d95433cdcc4 0cf1115cee46 && doctally bank calibrate unseen/
    """
    from doctally.settings import load_settings
    from models import bank as banks
    from models.averaging import average
    from models.backbone import load_backbone

    folder = bank_folder(bank)
    ours, theirs = banks.version(folder, first), banks.version(folder, second)
    made = average(folder, ours, theirs, load_backbone(load_settings().backbone), share=share)
    if promote:
        banks.promote(folder, made.name)
    typer.echo(f"{made.name}  {made.folder}")


@bank_app.command("list")
def bank_list(
    bank: Annotated[Path | None, typer.Option(help="Bank folder.")] = None, as_json: Json = False
) -> None:
    """List the versions of the bank; the one in use is marked with *."""
    from models import bank as banks

    folder = bank_folder(bank)
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

    folder = bank_folder(bank)
    chosen = banks.active(folder) if version is None else banks.version(folder, version)
    typer.echo(json.dumps(chosen.card, indent=1))


@bank_app.command("promote")
def bank_promote(
    version: Annotated[str, typer.Argument(help="Version to use from now on.")],
    bank: Annotated[Path | None, typer.Option(help="Bank folder.")] = None,
) -> None:
    """Use a version from now on; an older version is a roll-back."""
    from models import bank as banks

    typer.echo(banks.promote(bank_folder(bank), version).name)


@bank_app.command("rollback")
def bank_rollback(
    bank: Annotated[Path | None, typer.Option(help="Bank folder.")] = None,
) -> None:
    """Go back to the version before the one in use; the next batch is read with it.

    Learning does not come back to the version left behind until there are new corrections.
    """
    from models.lineage import roll_back

    typer.echo(roll_back(bank_folder(bank)).name)


bank_app.command()(captions)
bank_app.command()(calibrate)
