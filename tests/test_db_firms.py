"""Suppliers and orders are found the same way however many there are, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select
from test_db_matching import BILL, BOLTS, NOW, bring, extraction, matching

from db import cases
from db.claims import Incoming, claim
from db.database import Database
from db.firms import firms_like, remember
from db.tables import MatchFirmRow, MatchWordRow
from doctally.matching import Paper


def test_a_name_is_found_by_what_is_like_it_and_by_what_holds_it(database: Database) -> None:
    with database.write() as session:
        remember(session, ["acmetools", "acmetoolsnorth", "zenith", ""])
        assert firms_like(session, "acmetool") == ["acmetools", "acmetoolsnorth"]
        assert firms_like(session, "") == []


def test_names_that_other_processes_add_later_are_known_at_once(database: Database) -> None:
    with database.write() as session:
        remember(session, ["acmetools"])
        assert firms_like(session, "acmetols") == ["acmetools"]
    with database.write() as session:  # past what this process has remembered
        session.execute(insert(MatchFirmRow), [{"firm": f"firm{n}"} for n in range(3000)])
        session.execute(insert(MatchFirmRow), [{"firm": "acmetolls"}])
    with database.read() as session:
        assert set(firms_like(session, "acmetols")) == {"acmetools", "acmetolls"}


def test_a_name_whose_transaction_was_undone_can_be_kept_again(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        remember(session, ["acmetools"])
        firms_like(session, "acmetools")
        raise RuntimeError
    with database.write() as session:
        remember(session, ["zenith", "acmetools"])  # may be given the same number
    with database.read() as session:
        assert firms_like(session, "zenith") == ["zenith"]
        kept = session.scalars(select(MatchFirmRow.firm)).all()
    assert sorted(kept) == ["acmetools", "zenith"]


def test_among_very_many_open_orders_the_one_that_shares_most_words_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "NEWEST", 20)
    rare = {
        **BOLTS,
        "description": "Turnbuckle bolt galvanised long",
        "unit_price": "3.75",
        "amount_net": "375.00",
    }
    order = bring(database, extraction("purchase_order", "PO-1", rare), how=matching())
    with database.read() as session:
        mine = select(MatchWordRow.firm, MatchWordRow.word).where(MatchWordRow.order_id == order)
        rows = session.execute(mine).all()
    firm, words = rows[0].firm, sorted(row.word for row in rows)
    files = [Incoming(f"{n:064x}", f"{n}.pdf", (), 1) for n in range(100)]
    later = [c.document_id for c in claim(database, files, owner="us", now=NOW, lease_s=60)]
    common = [word for word in words if word not in ("turnbuckle", "p:3.75")]
    assert len(words) - len(common) == 2
    with database.write() as session:  # a hundred later orders share all its words but two
        session.execute(
            insert(MatchWordRow),
            [{"firm": firm, "word": w, "order_id": n} for n in later for w in common],
        )
    with database.read() as session:
        ranked = cases._ranked(session, [firm], words)
    assert ranked[0] == (order, len(words))  # counted in full, though newer ones hide it
    assert ranked[1] == (max(later), len(common))


def test_a_bill_is_late_for_its_order_only_while_it_belongs_to_none(database: Database) -> None:
    bill = bring(database, BILL, how=matching())
    order = Paper("9", "purchase_order", number="X", supplier="Acme Tools GmbH")  # type: ignore[arg-type]
    with database.read() as session:
        assert cases.papers_for(session, order) == {bill}
    bring(database, extraction("purchase_order", "PO-4711", BOLTS, issue_date="2024-03-01",
                               total_net="25.00"), how=matching())  # fmt: skip
    with database.read() as session:
        assert cases.papers_for(session, order) == set()
