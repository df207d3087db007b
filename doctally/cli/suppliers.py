"""The verbs of ``doctally suppliers``: the supplier master in and out as a table."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from doctally.cli.exits import ExitCode
from doctally.cli.screen import err, out
from doctally.errors import AccessDenied, ConfigurationError
from doctally.suppliers import Supplier

suppliers_app = typer.Typer(
    help="The supplier master: who is who, and to which account they are paid.",
    no_args_is_help=True,
)
COLUMNS = (
    "name", "number", "tax_ids", "ibans", "email_domains", "aliases", "address", "category"
)  # fmt: skip
_SEVERAL = ("tax_ids", "ibans", "email_domains", "aliases")
_BETWEEN = "; "


@suppliers_app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> int:
    """List the suppliers by name.

    Example:

        doctally suppliers list --json | jq -r .name
    """
    found = _all()
    if as_json:
        for supplier in found:
            told = {
                "supplier": supplier.supplier_id,
                **_row(supplier, several=list),
                "category_source": supplier.category_source,
                "category_score": supplier.category_score,
            }
            typer.echo(json.dumps(told, ensure_ascii=False))
        return ExitCode.DONE
    table = Table(box=None, padding=(0, 2))
    for column in ("name", "tax ids", "accounts", "also called", "category", "said by"):
        table.add_column(column)
    for one in found:
        sure = "" if one.category_score is None else f" {one.category_score:.2f}"
        said = f"{one.category_source}{sure}"
        lists = map(", ".join, (one.tax_ids, one.ibans, one.aliases))
        cells = (one.name, *lists, one.category, said)
        table.add_row(*map(escape, cells))
    out().print(table)
    return ExitCode.DONE


@suppliers_app.command("export")
def export(
    to: Annotated[Path | None, typer.Option(help="FILE.csv or .xlsx; none: CSV on stdout.")] = None,
) -> int:
    """Write the supplier master to a file that ``import`` takes back.

    Example:

        doctally suppliers export --to suppliers.xlsx
    """
    import pandas as pd

    from doctally.export import write_csv, write_table

    frame = pd.DataFrame([_row(s, several=_BETWEEN.join) for s in _all()], columns=list(COLUMNS))
    if to is None:
        write_csv(frame, sys.stdout)
        return ExitCode.DONE
    write_table(frame, to)
    err().print(f"{len(frame)} suppliers -> {escape(str(to))}")
    return ExitCode.DONE


@suppliers_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="FILE.csv or .xlsx with a column name.")],
) -> int:
    """Take suppliers from a table: all of them, or none where a row does not fit.

    A row with a known tax id or name replaces that supplier. Several values stand in one cell,
    separated by semicolons.

    Example:

        doctally suppliers import suppliers.csv
    """
    from db import suppliers
    from db.database import open_database
    from doctally.categories import load_categories
    from doctally.settings import load_settings

    given = read_suppliers(file)
    settings = load_settings()
    known = {one.key for one in load_categories(settings.categories)}
    for number, supplier in enumerate(given, start=2):
        if settings.categories and supplier.category and supplier.category not in known:
            raise ConfigurationError(f"{file}, row {number}: no category {supplier.category}")
    with open_database(settings.url) as database:
        new, changed = suppliers.put(database, given, now=datetime.now(UTC))
    err().print(f"{new} suppliers new, {changed} changed")
    return ExitCode.DONE


def read_suppliers(file: Path) -> list[Supplier]:
    """Return the suppliers of a table; raises ConfigurationError naming the row that does not fit.

    An apostrophe that the export put before a text like a formula is taken off again.
    """
    import pandas as pd

    try:
        if file.suffix.lower() == ".xlsx":
            frame = pd.read_excel(file, dtype=str, keep_default_na=False)
        else:
            frame = pd.read_csv(
                file, dtype=str, keep_default_na=False, sep=_separator(file), encoding="utf-8-sig"
            )
    except OSError as error:
        raise AccessDenied(f"{file}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, pd.errors.ParserError) as error:
        raise ConfigurationError(f"{file}: is no table: {error}") from error
    unknown = sorted(set(frame.columns) - set(COLUMNS))
    if unknown or "name" not in frame.columns:
        problem = f"has columns {', '.join(unknown)}" if unknown else "has no column name"
        raise ConfigurationError(f"{file}: {problem}; known are {', '.join(COLUMNS)}")
    rows = frame.to_dict("records")
    return [_supplier(file, number, row) for number, row in enumerate(rows, start=2)]


def _supplier(file: Path, number: int, row: dict[Any, Any]) -> Supplier:
    from stdnum import iban

    texts = {name: _plain(str(row.get(name) or "")) for name in COLUMNS}
    lists = {name: _parts(texts.pop(name)) for name in _SEVERAL}
    if not texts["name"]:
        raise ConfigurationError(f"{file}, row {number}: the name is missing")
    for account in lists["ibans"]:
        if not iban.is_valid(account):
            raise ConfigurationError(f"{file}, row {number}: {account} is no IBAN")
    domains = tuple(d.rpartition("@")[2].casefold() for d in lists.pop("email_domains"))
    return Supplier(0, **texts, **lists, email_domains=domains)  # type: ignore[arg-type]


def _separator(file: Path) -> str:
    """Return what stands between the columns of the first line: comma, semicolon or tab."""
    with file.open(encoding="utf-8-sig") as stream:
        first = stream.readline()
    return max(",;\t", key=first.count)


def _plain(text: str) -> str:
    from doctally.export import is_formula

    text = text.strip()
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text


def _parts(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def _row(supplier: Supplier, *, several: Any) -> dict[str, Any]:
    values = {name: getattr(supplier, name) for name in COLUMNS}
    return {n: several(v) if n in _SEVERAL else v for n, v in values.items()}


def _all() -> list[Supplier]:
    from db import suppliers
    from db.database import open_database
    from doctally.settings import load_settings

    with open_database(load_settings().url) as database:
        return suppliers.suppliers(database)
