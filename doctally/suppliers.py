"""Who a document is from: the supplier of the master data, by number, account, name or address.

A tax id or an account decides; a name may be spelt otherwise, but never against another tax id.
A known supplier that suddenly names another bank account is the commonest payment fraud. NOT
handled: groups of companies that bill under one tax id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from doctally import companies
from doctally.codes import finding
from doctally.results import Extraction, Finding

How = Literal["tax_id", "iban", "alias", "name", "address", "email"]

SURE = 0.88
"""A name this alike is the same firm."""

_LIKELY = 0.6
_SAME_PLACE = 88
_CLOSE = 0.015
_FREE_MAIL = frozenset(
    ["gmail.com", "outlook.com", "hotmail.com", "gmx.de", "gmx.net", "web.de", "yahoo.com",
     "icloud.com", "t-online.de", "aol.com", "live.com", "orange.fr", "free.fr", "libero.it"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier of the master data; ``supplier_id`` 0 is one that is not stored yet.

    ``category_source`` is model or human; the model's word has a ``category_score`` in 0..1.
    """

    supplier_id: int
    name: str
    tax_ids: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ()
    email_domains: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    address: str = ""
    category: str = ""
    number: str = ""
    category_source: str = ""
    category_score: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a document says about who sent it."""

    name: str = ""
    tax_id: str = ""
    iban: str = ""
    address: str = ""
    email: str = ""

    @property
    def domain(self) -> str:
        """Return the domain of the e-mail address, empty for one that anybody can have."""
        domain = self.email.rpartition("@")[2].casefold().strip()
        return "" if domain in _FREE_MAIL else domain


@dataclass(frozen=True, slots=True)
class Resolution:
    """The supplier that a document is from, how that is known and how surely (0..1)."""

    supplier: Supplier
    how: How
    score: float


def seen_in(extraction: Extraction) -> Seen:
    """Return what an extraction says about its supplier."""

    def value(name: str) -> str:
        cell = extraction.fields.get(f"supplier_{name}")
        return cell.value if cell else ""

    return Seen(value("name"), value("tax_id"), value("iban"), value("address"), value("email"))


def plain_id(text: str) -> str:
    """Return a tax id or IBAN as its letters and digits, in capitals."""
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def resolve(seen: Seen, known: Iterable[Supplier]) -> Resolution | None:
    """Return the supplier a document is from, None where nobody or more than one fits."""
    ranked = [found for supplier in known if (found := _judge(seen, supplier)) is not None]
    ranked.sort(key=lambda found: -found.score)
    if not ranked:
        return None
    best = ranked[0]
    rivals = [r for r in ranked[1:] if r.score >= best.score - _CLOSE]
    return None if rivals else best


def _judge(seen: Seen, supplier: Supplier) -> Resolution | None:
    tax_id, iban = plain_id(seen.tax_id), plain_id(seen.iban)
    if tax_id and tax_id in map(plain_id, supplier.tax_ids):
        return Resolution(supplier, "tax_id", 1.0)
    if tax_id and _another_entity(tax_id, supplier.tax_ids):
        return None
    like = companies.likeness(seen.name, supplier.name) if seen.name else 0.0
    if iban and iban in map(plain_id, supplier.ibans):
        return Resolution(supplier, "iban", 0.97 if like >= _LIKELY or not seen.name else 0.9)
    if not seen.name:
        return None
    place = fuzz.token_sort_ratio(_folded(seen.address), _folded(supplier.address))
    near = bool(seen.address and supplier.address) and place >= _SAME_PLACE
    lift = 0.02 * near
    if any(companies.bare(seen.name) == companies.bare(alias) for alias in supplier.aliases):
        return Resolution(supplier, "alias", 0.96 + lift)
    ours, theirs = companies.legal_forms(seen.name), companies.legal_forms(supplier.name)
    if like >= SURE and (not ours or not theirs or ours & theirs):
        return Resolution(supplier, "name", min(0.95 * like + lift, 0.97))
    if like >= _LIKELY and seen.domain and seen.domain in supplier.email_domains:
        return Resolution(supplier, "email", 0.85 + lift)
    if like >= _LIKELY and near:
        return Resolution(supplier, "address", 0.84)
    return None


def _another_entity(tax_id: str, known: Sequence[str]) -> bool:
    """Tell whether a tax id of the same country says that this is another firm."""
    ids = [plain_id(text) for text in known]
    return any(i[:2] == tax_id[:2] and i[:2].isalpha() and len(i) == len(tax_id) for i in ids)


def _folded(text: str) -> str:
    return " ".join(companies.words(text)) if text else ""


def check_account(seen: Seen, found: Resolution | None) -> tuple[Finding, ...]:
    """Return a finding if a known supplier names a bank account that is not on its record."""
    if found is None or not seen.iban or not found.supplier.ibans:
        return ()
    if plain_id(seen.iban) in map(plain_id, found.supplier.ibans):
        return ()
    known = ", ".join(f"…{plain_id(iban)[-4:]}" for iban in found.supplier.ibans)
    return (
        finding(
            "bank_account_changed",
            f"{found.supplier.name} is paid to {known}, the document names {seen.iban}",
            "supplier_iban",
            "supplier_name",
        ),
    )
