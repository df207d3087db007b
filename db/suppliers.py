"""The supplier master in SQL: find, list, put; aliases are learnt from what people confirm.

A bank account is never learnt from a document, unless the supplier had none: a changed one goes
in by a person (``doctally suppliers import``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from rapidfuzz import fuzz, process
from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.orm import Session

from db.database import Database
from db.detail import extraction_of
from db.tables import DocumentRow, SupplierKeyRow, SupplierRow
from db.values import key_of
from doctally import companies
from doctally.results import State
from doctally.suppliers import Resolution, Seen, Supplier, plain_id, seen_in
from doctally.suppliers import resolve as decide

_ALIKE = 60
_NEAREST = 20
AT_ONCE = 5000


def resolve(database: Database, seen: Seen) -> Resolution | None:
    """Return the supplier of the master data that a document is from, None if none is sure."""
    with database.read() as session:
        return find(session, seen)


def find(session: Session, seen: Seen) -> Resolution | None:
    """Return what ``resolve`` returns, in the caller's session."""
    wanted = [
        ("tax_id", plain_id(seen.tax_id)),
        ("iban", plain_id(seen.iban)),
        ("domain", seen.domain),
        ("name", companies.bare(seen.name)[:255] if seen.name else ""),
        *(("word", word) for word in (companies.words(seen.name) if seen.name else ())),
    ]
    keys = [pair for pair in wanted if pair[1]]
    if not keys:
        return None
    near = select(SupplierKeyRow.supplier_id).where(
        tuple_(SupplierKeyRow.kind, SupplierKeyRow.key).in_(keys)
    )
    found = decide(seen, _load(session, set(session.scalars(near.distinct()))))
    if found is not None or not seen.name:
        return found
    names = select(SupplierKeyRow.supplier_id, SupplierKeyRow.key).where(
        SupplierKeyRow.kind == "name"
    )
    known = {row.key: row.supplier_id for row in session.execute(names)}
    alike = process.extract(
        companies.bare(seen.name), list(known), scorer=fuzz.ratio, score_cutoff=_ALIKE,
        limit=_NEAREST,
    )  # fmt: skip
    return decide(seen, _load(session, {known[name] for name, _, _ in alike}))


def suppliers(database: Database) -> list[Supplier]:
    """Return the whole master data, by name."""
    with database.read() as session:
        return sorted(everyone(session), key=lambda s: (s.name.casefold(), s.supplier_id))


def everyone(session: Session) -> list[Supplier]:
    """Return the whole master data, in the caller's session."""
    numbers = sorted(session.scalars(select(SupplierRow.id)))
    parts = [set(numbers[n : n + AT_ONCE]) for n in range(0, len(numbers), AT_ONCE)]
    return [supplier for part in parts for supplier in _load(session, part)]


def put(database: Database, given: Iterable[Supplier], *, now: datetime) -> tuple[int, int]:
    """Return how many suppliers were new and how many changed; all are stored, or none.

    One with an id replaces that one; without an id the one with its tax id, its number or its
    name.
    """
    new = changed = 0
    with database.write() as session:
        for supplier in given:
            number = supplier.supplier_id or _same(session, supplier)
            if number and session.get(SupplierRow, number) is not None:
                changed += 1
            else:
                new += 1
                number = 0
            _write(session, replace(supplier, supplier_id=number), now=now)
    return new, changed


def learn(session: Session, seen: Seen, *, now: datetime) -> None:
    """Take what a person has confirmed into the master data: a new supplier, or another name.

    Another name is learnt where tax id, account or e-mail say who it is.
    """
    if not seen.name:
        return
    found = find(session, seen)
    if found is None:
        _write(
            session,
            Supplier(
                0,
                seen.name,
                (seen.tax_id,) if seen.tax_id else (),
                (seen.iban,) if seen.iban else (),
                (seen.domain,) if seen.domain else (),
                address=seen.address,
            ),
            now=now,
        )
        return
    known = found.supplier
    names = [known.name, *known.aliases]
    better = replace(
        known,
        aliases=known.aliases
        if any(companies.bare(seen.name) == companies.bare(name) for name in names)
        else (*known.aliases, seen.name),
        tax_ids=known.tax_ids or ((seen.tax_id,) if seen.tax_id else ()),
        ibans=known.ibans or ((seen.iban,) if seen.iban else ()),
        address=known.address or seen.address,
    )
    if better != known:
        _write(session, better, now=now)


def learn_confirmed(database: Database, document_ids: Sequence[int], *, now: datetime) -> None:
    """Learn from those of the documents that a person has confirmed."""
    confirmed = select(DocumentRow).where(
        DocumentRow.id.in_(document_ids), DocumentRow.state == State.CONFIRMED
    )
    with database.write() as session:
        for row in session.scalars(confirmed).all():
            extraction = extraction_of(session, row)
            if extraction is not None:
                learn(session, seen_in(extraction), now=now)


def _same(session: Session, supplier: Supplier) -> int:
    keys = [("tax_id", plain_id(t)) for t in supplier.tax_ids]
    for kind, key in (*keys, ("name", companies.bare(supplier.name)[:255])):
        found = session.scalar(
            select(SupplierKeyRow.supplier_id)
            .where(SupplierKeyRow.kind == kind, SupplierKeyRow.key == key)
            .limit(1)
        )
        if found is not None:
            return found
    return 0


def _write(session: Session, supplier: Supplier, *, now: datetime) -> None:
    row = session.get(SupplierRow, supplier.supplier_id) if supplier.supplier_id else None
    if row is None:
        row = SupplierRow(created_at=now, category="", category_source="")
        session.add(row)
    row.name, row.key = supplier.name, key_of(supplier.name)
    row.tax_id = plain_id(supplier.tax_ids[0])[:64] if supplier.tax_ids else None
    row.iban = plain_id(supplier.ibans[0])[:34] if supplier.ibans else None
    row.email_domain = supplier.email_domains[0][:255] if supplier.email_domains else None
    row.aliases, row.updated_at = list(supplier.aliases), now
    row.address, row.number = supplier.address, supplier.number
    if supplier.category and supplier.category != row.category:  # none given leaves what is known
        row.category, row.category_source, row.category_score = supplier.category, "human", None
    session.flush()
    session.execute(delete(SupplierKeyRow).where(SupplierKeyRow.supplier_id == row.id))
    session.execute(insert(SupplierKeyRow), _keys(row.id, supplier))


def _keys(number: int, supplier: Supplier) -> list[dict[str, object]]:
    names = (supplier.name, *supplier.aliases)
    every = [
        *(("tax_id", plain_id(t), t) for t in supplier.tax_ids),
        *(("iban", plain_id(i), i) for i in supplier.ibans),
        *(("domain", d.casefold(), d) for d in supplier.email_domains),
        *(("name", companies.bare(name), name) for name in names),
        *(("word", word, "") for name in names for word in companies.words(name)),
    ]
    unique = {(kind, key[:255]): value for kind, key, value in every if key}
    return [
        {"supplier_id": number, "kind": kind, "key": key, "value": value}
        for (kind, key), value in unique.items()
    ]


def _load(session: Session, numbers: set[int]) -> list[Supplier]:
    wanted: Sequence[int] = sorted(numbers)[:AT_ONCE]
    rows = session.scalars(select(SupplierRow).where(SupplierRow.id.in_(wanted))).all()
    several: dict[tuple[int, str], list[str]] = {}
    keys = select(SupplierKeyRow).where(
        SupplierKeyRow.supplier_id.in_(wanted),
        SupplierKeyRow.kind.in_(("tax_id", "iban", "domain")),
    )
    for key in session.scalars(keys):
        several.setdefault((key.supplier_id, key.kind), []).append(key.value)
    return [
        Supplier(
            row.id,
            row.name,
            tuple(several.get((row.id, "tax_id"), ())),
            tuple(several.get((row.id, "iban"), ())),
            tuple(several.get((row.id, "domain"), ())),
            tuple(row.aliases),
            row.address,
            row.category,
            row.number,
            row.category_source,
            row.category_score,
        )
        for row in rows
    ]
