"""How much may differ before a person looks: by supplier and by category, from one TOML file.

[default] holds for everybody, a [[rule]] for the supplier or category it names; the closer rule
wins: supplier and category, supplier, category, default.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from doctally.errors import ConfigurationError
from doctally.matching.numbers import key

Share = Annotated[Decimal, Field(ge=0, le=100)]
Sum = Annotated[Decimal, Field(ge=0)]


class Tolerance(BaseModel):
    """What is let through; percentages of the order's value, amounts in the paper's currency."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    price_percent: Share = Field(Decimal(1), description="unit price above the order's")
    price_amount: Sum = Field(Decimal("0.05"), description="or this much on the whole line")
    quantity_percent: Share = Field(Decimal(0), description="billed or delivered above the order")
    total_amount: Sum = Field(
        Decimal(0), description="what all doubts of a paper may add up to and still be approved"
    )
    tax_amount: Sum = Field(Decimal("0.05"), description="tax against the order's rate")
    charges_amount: Sum = Field(Decimal(0), description="freight and surcharges not ordered")
    exchange_percent: Share = Field(Decimal(2), description="price after exchange")
    days_early: int = Field(3, ge=0, description="a bill dated so long before its order is normal")
    days_apart: int = Field(400, ge=0, description="longest between an order and what names none")
    order_required: bool = Field(False, description="a bill without an order needs a look")
    receipt: Literal["required", "seen", "never"] = Field(
        "seen",
        description="billed goods must be received: always, for suppliers who send delivery "
        "notes, or never",
    )


class Rule(BaseModel):
    """Some tolerances for a supplier (name or tax id) and/or a category."""

    model_config = ConfigDict(extra="allow", frozen=True)

    supplier: str = ""
    category: str = ""


class Tolerances(BaseModel):
    """All tolerances; ``rates`` are exchange rates, "USD/EUR" being EUR for one USD."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    default: Tolerance = Field(default_factory=lambda: Tolerance.model_validate({}))
    rule: tuple[Rule, ...] = ()
    rates: Mapping[str, Annotated[Decimal, Field(gt=0)]] = {}

    def model_post_init(self, _context: Any) -> None:
        """Check every rule at once, so that a typing error is told when the file is read."""
        for rule in self.rule:
            if not rule.supplier and not rule.category:
                raise ValueError("a [[rule]] needs a supplier or a category")
            self._merged([rule])

    def of(self, *, supplier: str = "", supplier_id: str = "", category: str = "") -> Tolerance:
        """Return what holds for a supplier and category."""
        names = {key(supplier), key(supplier_id)} - {""}
        fitting = [
            rule
            for rule in self.rule
            if (not rule.supplier or key(rule.supplier) in names)
            and (not rule.category or rule.category.casefold() == category.casefold())
        ]
        fitting.sort(key=lambda rule: 2 * bool(rule.supplier) + bool(rule.category))
        return self._merged(fitting)

    def rate(self, ours: str, theirs: str) -> Decimal | None:
        """Return how much of their currency one of ours is, None if the file does not say."""
        if ours == theirs or not ours or not theirs:
            return Decimal(1)
        if (rate := self.rates.get(f"{ours}/{theirs}")) is not None:
            return rate
        back = self.rates.get(f"{theirs}/{ours}")
        return None if back is None else 1 / back

    def _merged(self, rules: list[Rule]) -> Tolerance:
        values = self.default.model_dump()
        for rule in rules:
            values |= rule.model_extra or {}
        return Tolerance.model_validate(values)


def load_tolerances(path: Path | None) -> Tolerances:
    """Return the tolerances of a file, the default ones without a file.

    Raises ConfigurationError naming what does not fit.
    """
    if path is None:
        return Tolerances()
    try:
        return Tolerances.model_validate(
            tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        )
    except OSError as error:
        raise ConfigurationError(f"tolerances {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError, ValueError) as error:
        raise ConfigurationError(f"tolerances {path}: {error}") from error
