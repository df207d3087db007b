"""The verbs of ``doctally suppliers`` about spend categories: the list, who has which, learning."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from doctally.cli.exits import ExitCode
from doctally.cli.screen import err, out
from doctally.cli.suppliers import suppliers_app
from doctally.errors import ConfigurationError

__all__ = ["categories", "categorise", "learn", "suppliers_app"]
MOST_TOLD = 2000


@suppliers_app.command("categories")
def categories(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> int:
    """List the spend categories that suppliers are sorted into.

    Example:

        DOCTALLY_CATEGORIES=ours.toml doctally suppliers categories
    """
    from doctally.categories import load_categories
    from doctally.settings import load_settings

    found = load_categories(load_settings().categories)
    if as_json:
        for one in found:
            typer.echo(one.model_dump_json(exclude={"words"}))
        return ExitCode.DONE
    table = Table(box=None, padding=(0, 2))
    for column in ("key", "UNSPSC", "category", "what"):
        table.add_column(column)
    for one in found:
        table.add_row(*map(escape, (one.key, one.unspsc, one.name, one.description)))
    out().print(table)
    return ExitCode.DONE


@suppliers_app.command("categorise")
def categorise(
    supplier: Annotated[
        str | None, typer.Argument(help="Name of the supplier; none: all that have no category.")
    ] = None,
    category: Annotated[str | None, typer.Argument(help="Its category, said by you.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also sort anew what the model had sorted.")
    ] = False,
) -> int:
    """Give a supplier the category you say, or let the model sort those that have none.

    What you say is never overwritten by the model, and ``learn`` learns from it.

    Examples:

        doctally suppliers categorise "Meyer GmbH" building_materials

        doctally suppliers categorise --again
    """
    from db import categories as stored
    from db import suppliers
    from db.database import open_database
    from doctally.categories import load_categories
    from doctally.settings import load_settings
    from flows.engine import shared_engine
    from flows.spending import sort_new

    settings, now = load_settings(), datetime.now(UTC)
    keys = {one.key for one in load_categories(settings.categories)}
    with open_database(settings.url) as database:
        if supplier is None:
            count = sort_new(database, settings, shared_engine(settings), now=now, again=again)
            err().print(f"{count} suppliers sorted")
            return ExitCode.DONE
        if category not in keys:
            raise ConfigurationError(f"no category {category}; see doctally suppliers categories")
        wanted = supplier.casefold()
        known = [
            one.supplier_id
            for one in suppliers.suppliers(database)
            if wanted in {name.casefold() for name in (one.name, *one.aliases)}
        ]
        if not known:
            raise ConfigurationError(f"no supplier {supplier}; see doctally suppliers list")
        given = dict.fromkeys(known, (category, 1.0))
        stored.keep(database, given, source=stored.HUMAN, now=now)
    err().print(f"{escape(supplier)}: {category}")
    return ExitCode.DONE


@suppliers_app.command("learn")
def learn(
    file: Annotated[
        Path | None, typer.Argument(help='JSONL of {"name", "text", "category"}, beside those.')
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Learn spend categories from the suppliers whose category a person has said.

    The numbers go to categories.safetensors in the home folder; without that file the packaged
    ones serve again.

    Example:

        doctally suppliers learn && doctally suppliers categorise --again
    """
    from db import categories as stored
    from db.database import open_database
    from doctally.categories import load_categories
    from doctally.settings import load_settings
    from models.backbone import load_backbone, use_threads
    from models.spend import Asked, Spend
    from models.spend_training import SpendExample, examples_of, save_taught, taught

    settings = load_settings()
    listed = load_categories(settings.categories)
    keys = {one.key for one in listed}
    use_threads(settings.threads)
    given = []
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{file} cannot be read: {error}") from error
        given = examples_of(lines, listed, where=str(file))
    with open_database(settings.url) as database:
        said = [one for one in stored.told(database) if one.category in keys][-MOST_TOLD:]
    given += [SpendExample(Asked(one.name, one.text), one.category) for one in said]
    if not given:
        raise ConfigurationError("nobody has said a supplier's category yet")
    spend = Spend.load(listed, load_backbone(settings.backbone))  # always from the packaged ones
    before = spend.answers([one.asked for one in given])
    spend.vectors = taught(spend, given)
    save_taught(settings.taught_categories, spend, spend.vectors)
    after = spend.answers([one.asked for one in given])

    def right(answers: list[tuple[str, float]]) -> int:
        return sum(k == one.category for one, (k, _) in zip(given, answers, strict=True))

    told = {"examples": len(given), "right_before": right(before), "right_after": right(after)}
    if as_json:
        typer.echo(json.dumps({**told, "file": str(settings.taught_categories)}))
    else:
        err().print(
            "{examples} examples: {right_before} right before, {right_after} after".format_map(told)
        )
    return ExitCode.DONE
