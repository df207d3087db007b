"""Column types that mean the same on SQLite and PostgreSQL.

SQLite has no exact decimals: an amount is kept as a number of 15 significant digits there, the
exact text stands beside it in ``field_values.value`` and ``line_items.cells``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, DateTime, Dialect, Enum, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from doctally.schemas import Kind

DIGITS, PLACES = 18, 4
Key = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def plain(text: str) -> str:
    """Return the text without what no database can hold: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def text_of(tags: Sequence[str]) -> str:
    """Return the names of sub-folders as one text, made storable."""
    return plain("/".join(tags))


def tags_of(text: str) -> tuple[str, ...]:
    """Return the names of sub-folders that ``text_of`` has joined."""
    return tuple(text.split("/")) if text else ()


class Plain(TypeDecorator[str]):
    """Text of any length, made storable by ``plain``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text as it is stored."""
        return None if value is None else plain(value)


class Utc(TypeDecorator[datetime]):
    """A moment: UTC in the database, timezone-aware in Python; a naive one is a ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, without its zone where the database keeps none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """NUMERIC(18,4), in Python with ``least`` decimals or as many as needed: 2 for an amount."""

    impl = Numeric(DIGITS, PLACES)
    cache_ok = True

    def __init__(self, least: int = 0) -> None:
        super().__init__()
        self.least = least

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that the driver takes without losing what it can hold."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Numeric(DIGITS, PLACES, asdecimal=False))
        return dialect.type_descriptor(Numeric(DIGITS, PLACES))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Return the decimal as the driver takes it."""
        return float(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Return the decimal without needless zeros."""
        if value is None:
            return None
        found = value if isinstance(value, Decimal) else Decimal(repr(value))
        shortest = round(found, PLACES).normalize()
        return round(found, max(self.least, -int(shortest.as_tuple().exponent), 0))


def choice(values: type[StrEnum] | Sequence[str], name: str) -> Enum:
    """Return a string column type that a CHECK constraint keeps to these values."""
    options = {"native_enum": False, "create_constraint": True, "length": 32, "name": name}
    if isinstance(values, type):
        return Enum(values, values_callable=lambda kind: [str(v) for v in kind], **options)
    return Enum(*values, **options)


def column_type(kind: Kind) -> TypeEngine[Any]:
    """Return the SQL type of a value of this kind."""
    if kind is Kind.AMOUNT:
        return Money(least=2)
    if kind in (Kind.QUANTITY, Kind.PERCENT):
        return Money()
    if kind is Kind.DATE:
        return Date()
    return DateTime() if kind is Kind.TIME else Plain()
