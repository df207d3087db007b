"""The spend category of a bill's sender, put right by a person: kept, told, and learnt from."""

from __future__ import annotations

from datetime import UTC, datetime

from db import audit
from db import categories as stored
from db.database import Database
from doctally.suppliers import Seen

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
ACME = Seen(name="ACME Tools GmbH", tax_id="DE129273398")


def test_what_a_person_says_is_kept_told_and_an_example(database: Database) -> None:
    assert stored.category_of(database, ACME) == ("", "")
    stored.say(database, ACME, "vehicles", who="Ada", document_id=7, now=NOW)
    stored.say(database, ACME, "chemicals", who="Ada", document_id=7, now=NOW)
    assert stored.category_of(database, ACME) == ("chemicals", "human")
    assert [(one.name, one.category) for one in stored.told(database)] == [
        ("ACME Tools GmbH", "chemicals")
    ]
    changes = [(entry.who, entry.field, entry.old, entry.new) for entry in audit.trail(database, 7)]
    assert sorted(changes, key=str) == [
        ("Ada", "spend_category", "vehicles", "chemicals"),
        ("Ada", "spend_category", None, "vehicles"),
    ]


def test_the_model_never_overwrites_what_was_chosen_beside_a_bill(database: Database) -> None:
    stored.say(database, ACME, "vehicles", who="Ada", document_id=7, now=NOW)
    assert stored.to_sort(database, limit=9, again=True) == []
