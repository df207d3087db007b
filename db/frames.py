"""Views as pandas frames, with the values that SQL holds: Decimal, date, aware datetime (UTC).

For computing with floats, ``pandas.read_sql`` does as well (docs/database.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas
from sqlalchemy import ColumnElement, TableClause, column, select
from sqlalchemy import table as table_clause

from db.database import Database
from db.views import VIEWS
from doctally.errors import ConfigurationError


def _clause(name: str) -> TableClause:
    if name not in VIEWS:
        known = ", ".join(VIEWS)
        raise ConfigurationError(f"there is no table {name!r}; there are {known}", code="no_table")
    return table_clause(name, *(column(c.name, c.type) for c in VIEWS[name].columns))


def _condition(view: TableClause, name: str, wanted: Any) -> ColumnElement[bool]:
    if name not in view.c:
        known = ", ".join(view.c.keys())
        message = f"{view.name} has no column {name!r}; it has {known}"
        raise ConfigurationError(message, code="no_column")
    there: ColumnElement[Any] = view.c[name]
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return there.in_(list(wanted))
    return there.is_(None) if wanted is None else there.in_([wanted])


def table(
    database: Database,
    name: str,
    *,
    where: Mapping[str, Any] | None = None,
    since: datetime | None = None,
) -> pandas.DataFrame:
    """Return the rows of a view (``db.views.VIEWS``), the documents in order of arrival.

    ``where`` gives for a column the value or the list of values wanted; ``since`` keeps what was
    received then or later. Raises ConfigurationError for a name that is not there.
    """
    view = _clause(name)
    wanted = select(view).order_by(view.c.document_id)
    if "line" in view.c:
        wanted = wanted.order_by(view.c.line)
    for key, value in (where or {}).items():
        wanted = wanted.where(_condition(view, key, value))
    if since is not None:
        wanted = wanted.where(view.c.received_at >= since)
    with database.read() as session:
        rows = session.execute(wanted).all()
    columns = list(view.c.keys())
    return pandas.DataFrame({c: _series(i, rows) for i, c in enumerate(columns)}, columns=columns)


def _series(index: int, rows: Sequence[Any]) -> pandas.Series[Any]:
    return pandas.Series([row[index] for row in rows], dtype=object)
