"""Regions: language, country, money, taxes and formats that belong together (regions.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Region:
    """A country as a market: how its papers write dates, numbers, phones and addresses."""

    code: str
    language: str
    country: str
    locale: str
    currency: str
    weight: float
    letter: bool
    signs: tuple[str, ...]
    taxes: tuple[str, ...]
    dates: tuple[str, ...]
    numbers: tuple[str, ...]
    address: tuple[str, ...]
    phones: tuple[str, ...]
    forms: tuple[str, ...]


@cache
def regions() -> tuple[Region, ...]:
    """Return all regions."""
    text = (Path(__file__).parent / "regions.toml").read_text(encoding="utf-8")
    return tuple(_region(row) for row in tomllib.loads(text)["region"])


def _region(row: Mapping[str, Any]) -> Region:
    values: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    return Region(**values)


def region(code: str) -> Region:
    """Return the region of a country code; raises KeyError for others."""
    return {found.code: found for found in regions()}[code]
