"""Corrections that are likely mistakes: against the rules, against others, against each other.

Such a correction stays in the document, a person has said so; it is only not learnt from, and
flagged with one of these codes for people to see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from doctally.corrections import DOCUMENT_TYPE, Correction
from doctally.results import Extraction, FieldValue, Finding, Severity
from doctally.rules import check
from doctally.schemas import DocumentType

AGAINST_RULES = "against_rules"
CONTRADICTED = "contradicted"
DIFFERS = "differs_from_supplier"
MEANINGS = {
    AGAINST_RULES: "a rule objects to it that was silent before",
    CONTRADICTED: "two people gave two answers",
    DIFFERS: "the supplier's other papers all say something else",
}

Key = tuple[str, int | None]
"""A header field, or a column and its line from 1."""

CONSTANT = (
    "supplier_name",
    "supplier_address",
    "supplier_tax_id",
    "supplier_email",
    "supplier_phone",
    "supplier_iban",
    "supplier_bic",
    "supplier_registration_id",
    "currency",
)
"""What a supplier prints alike on all its papers."""

AGREE = 3  # papers of a supplier that say the same make another value doubtful


def key_of(one: Correction) -> Key:
    """Return which value a correction is about."""
    return one.field, one.row


def against_rules(
    after: Extraction, corrections: Sequence[Correction], *, today: date
) -> frozenset[Key]:
    """Return the corrected values that a rule objects to now and did not before."""
    changed = {key_of(one) for one in corrections if one.corrects}
    if not changed:
        return frozenset()
    known = {_named(found) for found in check(_before(after, corrections), today=today)}
    doubtful: set[Key] = set()
    for found in check(after, today=today):
        if found.severity is not Severity.INFO and _named(found) not in known:
            doubtful |= changed & {_key(name) for name in found.fields}
    return frozenset(doubtful)


def contradicted(acts: Iterable[tuple[str, Correction]]) -> frozenset[Key]:
    """Return the values for which two people gave two answers; ``acts`` are oldest first."""
    answers: dict[Key, dict[str, str | None]] = {}
    for who, one in acts:
        if one.corrects:
            answers.setdefault(key_of(one), {})[who] = one.new
    return frozenset(key for key, said in answers.items() if len(set(said.values())) > 1)


def differing(
    fields: Mapping[str, FieldValue], others: Sequence[Mapping[str, FieldValue]]
) -> frozenset[Key]:
    """Return the values that all the supplier's ``others`` print, but differently."""
    found: set[Key] = set()
    for name in CONSTANT:
        said = Counter(one[name].value for one in others if name in one)
        alike = len(said) == 1 and said.total() >= AGREE
        if alike and name in fields and fields[name].value not in said:
            found.add((name, None))
    return frozenset(found)


def _named(found: Finding) -> tuple[str, tuple[str, ...]]:
    return found.code, found.fields


def _key(name: str) -> Key:
    parts = name.split(".")
    if parts[0] == "line_items" and len(parts) == 3 and parts[1].isdigit():
        return parts[2], int(parts[1]) + 1
    return name, None


def _before(after: Extraction, corrections: Sequence[Correction]) -> Extraction:
    """Return the document as it was, as far as its header and unmoved lines tell."""
    fields = dict(after.fields)
    lines = [dict(row) for row in after.line_items]
    document_type = after.document_type
    for one in corrections:
        if not one.corrects:
            continue
        if one.field == DOCUMENT_TYPE:
            document_type = one.old if one.old in set(DocumentType) else document_type
        elif one.row is None:
            _put(fields, one)
        elif one.row <= len(lines):
            _put(lines[one.row - 1], one)
    return replace(after, document_type=document_type, fields=fields, line_items=tuple(lines))


def _put(cells: dict[str, FieldValue], one: Correction) -> None:
    if one.old is None:
        cells.pop(one.field, None)
    else:
        cells[one.field] = FieldValue(one.old, 1.0)
