"""A filled database of every earlier schema comes up to date and keeps what it knew."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from db import documents, migrate
from db.claims import Incoming
from db.database import Database, open_database
from db.engine import connected, parsed
from db.store import Stored
from doctally.pages import Box, Page, Reading, Word
from doctally.results import Extraction, FieldValue, Finding, Severity, State

NOW = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)
COUNT = 12
EARLIER = sorted(migrate.revisions())[:-1]
SOME = sorted({*EARLIER[::4], EARLIER[-1]}, reverse=True)
"""Of several in a row each goes through the next, so these go through all."""
HOLDER = "9.pdf"
"""Holds another document, which the first schema could not say."""


def fill(url: str) -> None:
    """Store documents in every state, with values, lines, findings, pages, a duplicate, parts."""
    box = Box(0.1, 0.1, 0.2, 0.2)
    page = Page(1, 595, 842, (Word("Rechnung", box), Word("Nr. 1", box)))
    files = [Incoming(f"{n:064x}", f"{n}.pdf", ("acme",), 9, file_id=str(n)) for n in range(COUNT)]
    with open_database(url) as database:
        claims = documents.claim(database, files, owner="a", now=NOW, lease_s=60)
        ids = [claim.document_id for claim in claims]
        batch = []
        for number in ids[:8]:
            values = {"document_number": f"R-{number}", "total_gross": "119.00", "currency": "EUR"}
            fields = {n: FieldValue(v, 0.97, 1, box, "model", v) for n, v in values.items()}
            row = {"description": FieldValue("Bolt", 0.9), "amount_net": FieldValue("100.00", 0.9)}
            found = Extraction("invoice", 0.98, fields, (row,), "v1")
            outcome = State.REVIEW if number % 2 else State.ACCEPTED
            finding = Finding("total_differs", Severity.REVIEW, "The sums differ.", ("total_net",))
            item = Stored(number, Reading("application/pdf", (page,)), found, (finding,), outcome)
            batch.append(item)
        documents.store(database, batch, owner="a", now=NOW)
        documents.fail(database, ids[8], "encrypted", "It has a password.", owner="a", now=NOW)
        holder = Stored(ids[9], Reading("application/zip"), None, (), State.UNPACKED)
        part = Incoming("f" * 64, "inside.pdf", (), 3)
        documents.unpack(database, holder, [part], owner="a", now=NOW, lease_s=60)
        twin = Incoming(f"{0:064x}", "twin.pdf", (), 9, file_id="twin")
        documents.claim(database, [twin], owner="a", now=NOW, lease_s=60)


def known(database: Database) -> dict[str, Any]:
    """Return what the first schema knew already, as this program reads it."""
    rows = [row for row in documents.recent(database, limit=100) if row.name != HOLDER]
    first = documents.document(database, 1)
    with database.read() as session:
        invoices = session.execute(text("SELECT document_number, total_gross FROM invoices")).all()
        lines = session.execute(text("SELECT description, amount_net FROM invoice_lines")).all()
    return {
        "states": Counter(str(row.state) for row in rows),
        "names": sorted((row.document_id, row.name, row.tags, row.reason_code) for row in rows),
        "first": (first.extraction, first.findings, [step.after for step in first.history]),
        "words": [word.text for page in documents.pages(database, 1) for word in page.words],
        "invoices": sorted((str(number), float(total)) for number, total in invoices),
        "lines": Counter((str(said), float(net)) for said, net in lines),
        "arrivals": [one.name for one in first.arrivals],
    }


def test_a_filled_database_of_every_earlier_schema_keeps_its_documents(
    empty_database_url: str,
) -> None:
    fill(empty_database_url)
    where = parsed(empty_database_url)
    with open_database(empty_database_url) as database:
        before = known(database)
    assert before["states"] == {
        "accepted": 4,
        "review": 4,
        "failed": 1,
        "claimed": 3,
    }
    for revision in SOME:  # the later ones first: going down loses what is new
        migrate.down_to(where, revision)
        with connected(where).connect() as connection:
            at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            count = connection.execute(text("SELECT count(*) FROM documents")).scalar()
        assert (at, count) == (revision, COUNT + 1)
        migrate.to_head(where)
        with open_database(empty_database_url) as database:
            assert known(database) == before, revision


def test_work_goes_on_in_a_database_that_came_up_to_date(empty_database_url: str) -> None:
    fill(empty_database_url)
    migrate.down_to(parsed(empty_database_url), EARLIER[0])
    with open_database(empty_database_url) as database:
        left = documents.unfinished(database, owner="b", now=NOW, lease_s=60)
        assert left == []  # their claims hold for a minute
        later = NOW.replace(hour=13)
        left = documents.unfinished(database, owner="b", now=later, lease_s=60)
        assert [one.name for one in left] == ["10.pdf", "11.pdf", "inside.pdf"]
        new = Incoming("e" * 64, "new.pdf", (), 9)
        [claim] = documents.claim(database, [new], owner="b", now=later, lease_s=60)
        assert claim.document_id > COUNT + 1


@pytest.mark.parametrize("revision", EARLIER)
def test_every_revision_says_what_it_brings(revision: str) -> None:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(migrate.configuration()).get_revision(revision)
    assert script is not None and len(script.doc.split()) >= 2
