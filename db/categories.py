"""Spend categories of suppliers in SQL: who has none yet, what is known of them, what was spent.

A category that a person has said is never overwritten here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from db import audit, suppliers
from db.database import Database
from db.detail import extraction_of
from db.tables import DocumentRow, LineItemRow, SupplierKeyRow, SupplierRow
from doctally import companies
from doctally.results import State
from doctally.schemas import DocumentType
from doctally.suppliers import Seen, Supplier, seen_in

HUMAN, MODEL = "human", "model"
BILLS = (DocumentType.INVOICE, DocumentType.CREDIT_NOTE, DocumentType.RECEIPT)
SURE = (State.ACCEPTED, State.CONFIRMED)
MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Known:
    """A supplier's name and what its documents' lines say; ``category`` as it stands."""

    supplier_id: int
    name: str
    text: str
    category: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What accepted and confirmed bills come to, credit notes taken off."""

    category: str
    currency: str
    documents: int
    amount: Decimal


def take_in(
    database: Database,
    *,
    among: Collection[int] | None = None,
    limit: int = 500,
    now: datetime,
) -> int:
    """Return how many suppliers are new: of accepted bills whose sender nobody knew.

    ``among`` looks at these documents only; all others cost more the more there are. Taken are
    name, tax id, e-mail domain and address, never a bank account.
    """
    named = select(SupplierKeyRow.key).where(SupplierKeyRow.kind == "name")
    bills = (
        select(DocumentRow.supplier, func.max(DocumentRow.id))
        .where(
            DocumentRow.document_type.in_(BILLS),
            DocumentRow.state.in_(SURE),
            DocumentRow.duplicate_of.is_(None),
            DocumentRow.supplier.is_not(None),
        )
        .group_by(DocumentRow.supplier)
    )
    if among is not None:
        bills = bills.where(DocumentRow.id.in_(among))
    with database.read() as session:
        keys = {companies.bare(name)[:255]: number for name, number in session.execute(bills)}
        if among is not None:
            named = named.where(SupplierKeyRow.key.in_(keys))
        known = set(session.scalars(named)) if keys else set()
        asked = [number for key, number in keys.items() if key not in known]
    if not asked:
        return 0
    with database.write() as session:
        return sum(_new(session, number, now=now) for number in asked[:limit])


def _new(session: Session, document_id: int, *, now: datetime) -> bool:
    row = session.get(DocumentRow, document_id)
    extraction = extraction_of(session, row) if row is not None else None
    seen = seen_in(extraction) if extraction is not None else None
    if seen is None or not seen.name or suppliers.find(session, seen) is not None:
        return False
    suppliers.learn(session, replace(seen, iban=""), now=now)
    return True


def to_sort(database: Database, *, limit: int, again: bool = False, after: int = 0) -> list[Known]:
    """Return suppliers without a category, by id; ``again`` also those that the model sorted."""
    found = select(SupplierRow).where(SupplierRow.id > after).order_by(SupplierRow.id).limit(limit)
    found = found.where(
        SupplierRow.category_source != HUMAN if again else SupplierRow.category == ""
    )
    with database.read() as session:
        return [_known(session, row) for row in session.scalars(found).all()]


def told(database: Database) -> list[Known]:
    """Return the suppliers whose category a person has said."""
    found = select(SupplierRow).where(SupplierRow.category_source == HUMAN)
    with database.read() as session:
        return [_known(session, row) for row in session.scalars(found.order_by(SupplierRow.id))]


def _known(session: Session, row: SupplierRow) -> Known:
    lines = (
        select(LineItemRow.description)  # type: ignore[attr-defined]  # a column per item field
        .join(DocumentRow, DocumentRow.id == LineItemRow.document_id)
        .where(DocumentRow.supplier.in_([row.name, *row.aliases]))
        .order_by(LineItemRow.document_id.desc(), LineItemRow.line)
        .limit(10 * MOST_LINES)
    )
    texts = Counter(text for text in session.scalars(lines) if text)
    often = [text for text, _ in texts.most_common(MOST_LINES)]
    return Known(row.id, row.name, "\n".join(often), row.category)


def keep(
    database: Database, given: Mapping[int, tuple[str, float]], *, source: str, now: datetime
) -> int:
    """Return how many suppliers got a category (key, score) by ``source``.

    The model's word never replaces a person's.
    """
    changed = 0
    with database.write() as session:
        for number, (category, score) in given.items():
            row = update(SupplierRow).where(SupplierRow.id == number)
            if source != HUMAN:
                row = row.where(SupplierRow.category_source != HUMAN)
            done = session.execute(
                row.values(
                    category=category,
                    category_source=source if category else "",
                    category_score=None if source == HUMAN else score,
                    updated_at=now,
                )
            )
            changed += int(done.rowcount)  # type: ignore[attr-defined]  # of an update there is one
    return changed


def category_of(database: Database, seen: Seen) -> tuple[str, str]:
    """Return a supplier's category and who said it; ("", "") where nothing is known."""
    with database.read() as session:
        known = suppliers.find(session, seen)
        row = session.get(SupplierRow, known.supplier.supplier_id) if known else None
        return (row.category, row.category_source) if row is not None else ("", "")


def say(
    database: Database, seen: Seen, category: str, *, who: str, document_id: int, now: datetime
) -> None:
    """Keep what a person says is bought from the sender of a document, an example to learn from.

    A sender that nobody knew is taken into the master data, without its account.
    """
    with database.write() as session:
        known = suppliers.find(session, seen)
        if known is None:
            suppliers.learn(session, replace(seen, iban=""), now=now)
            session.flush()
            known = suppliers.find(session, seen)
        row = session.get(SupplierRow, known.supplier.supplier_id) if known else None
        if row is None:
            return
        audit.write(
            session,
            who=who,
            action="categorised",
            document_id=document_id,
            field="spend_category",
            old=row.category or None,
            new=category,
            now=now,
        )
        row.category, row.category_source, row.category_score = category, HUMAN, None
        row.updated_at = now


def spent(database: Database) -> list[Spent]:
    """Return the spending by category and currency, the largest first; "" is not known yet."""
    sign = case((DocumentRow.document_type == DocumentType.CREDIT_NOTE, -1), else_=1)
    bills = (
        select(
            DocumentRow.supplier,
            DocumentRow.currency,
            func.count(),
            func.sum(sign * DocumentRow.amount),
        )
        .where(
            DocumentRow.document_type.in_(BILLS),
            DocumentRow.state.in_(SURE),
            DocumentRow.duplicate_of.is_(None),
            DocumentRow.amount.is_not(None),
        )
        .group_by(DocumentRow.supplier, DocumentRow.currency)
    )
    with database.read() as session:
        known = _categories(suppliers.everyone(session))
        sums: dict[tuple[str, str], tuple[int, Decimal]] = {}
        for name, currency, count, amount in session.execute(bills):
            key = (known.get(companies.bare(name or ""), ""), currency or "")
            documents, total = sums.get(key, (0, Decimal(0)))
            sums[key] = (documents + count, total + Decimal(amount).quantize(Decimal("0.01")))
    found = [Spent(category, currency, *both) for (category, currency), both in sums.items()]
    return sorted(found, key=lambda one: (-one.amount, one.category, one.currency))


def _categories(every: Iterable[Supplier]) -> dict[str, str]:
    return {
        companies.bare(name): one.category for one in every for name in (*one.aliases, one.name)
    }
