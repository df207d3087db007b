"""What a person decides: confirm with edits, reject, reopen, undo; on both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db import audit, corrections, deliveries, documents, drafts, holds, suppliers
from db.acts import ChangedMeanwhile
from db.claims import Incoming
from db.database import Database
from db.life import IllegalTransition
from db.review import Wanted, queue
from db.store import Stored
from doctally.corrections import CorrectionKind
from doctally.edits import EditRefused, Edits, Given, Row
from doctally.errors import DoctallyError
from doctally.pages import Box, Page, Reading, Word
from doctally.results import Extraction, FieldValue, Finding, Severity, State
from doctally.suppliers import Supplier
from flows.folders import Folders, reason_path
from flows.review import Desk, confirm, reject, reopen, undo

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
BOX = Box(0.1, 0.2, 0.3, 0.25)
PAGE = Page(1, 595.0, 842.0, (Word("ACME", BOX),))
READ = Reading("application/pdf", (PAGE,), metadata={"subject": "Bill"})
LINE = {
    "description": FieldValue("Bolts", 0.9, 1, BOX),
    "quantity": FieldValue("2", 0.9, 1, BOX),
    "unit_price": FieldValue("40.00", 0.9, 1, BOX),
    "amount_net": FieldValue("80.00", 0.9, 1, BOX),
}
SECOND = {"description": FieldValue("Nuts", 0.9, 1, BOX), "amount_net": FieldValue("20.00", 0.9)}
FOUND = Extraction(
    "invoice",
    0.9,
    {
        "document_number": FieldValue("RE-1", 0.9, 1, BOX),
        "issue_date": FieldValue("2026-03-01", 0.9, 1, BOX),
        "supplier_name": FieldValue("ACME", 0.5, 1, BOX),
        "currency": FieldValue("EUR", 0.9, 1, BOX),
        "total_net": FieldValue("100.00", 0.9, 1, BOX),
        "total_tax": FieldValue("19.00", 0.9, 1, BOX),
        "total_gross": FieldValue("191.00", 0.4, 1, BOX),
    },
    (LINE, SECOND),
    "bank-1",
)
FINDINGS = (
    Finding("rotated", Severity.INFO, "The page was turned."),
    Finding("totals_mismatch", Severity.REVIEW, "no", ("total_gross",)),
    Finding("low_confidence", Severity.REVIEW, "low", ("supplier_name", "total_gross")),
)
RIGHT = {"total_gross": Given(value="119.00", page=1, box=(0.5, 0.5, 0.6, 0.55), text="119,00")}


def put(database: Database, *, outcome: State = State.REVIEW, number: int = 1) -> int:
    file = Incoming(f"{number:064x}", "bill.pdf", ("acme",), 9)
    (claim,) = documents.claim(database, [file], owner="a", now=NOW, lease_s=60)
    row = Stored(claim.document_id, READ, FOUND, FINDINGS, outcome, "totals_mismatch", "Look.")
    documents.store(database, [row], owner="a", now=NOW)
    return claim.document_id


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_confirmed_document_has_the_given_values_and_its_findings_anew(
    database: Database,
) -> None:
    number = put(database)
    edits = Edits(fields={**RIGHT, "order_number": Given(value="B-7")}, accepted=("supplier_name",))
    drafts.save(database, number, edits.model_dump(mode="json"), who="ann", holder=None, now=NOW)
    done = confirm(Desk(database), number, edits, who="ann", now=at(1))
    assert (done.state, done.changed) == (State.CONFIRMED, 2)
    assert [finding.code for finding in done.findings] == ["rotated"]
    found = documents.document(database, number)
    assert found.summary.state is State.CONFIRMED
    assert found.extraction is not None
    fields = found.extraction.fields
    gross = FieldValue("119.00", 1.0, 1, Box(0.5, 0.5, 0.6, 0.55), "human", "119,00")
    assert fields["total_gross"] == gross
    assert fields["order_number"] == FieldValue("B-7", 1.0, None, None, "human", "")
    assert fields["supplier_name"] == FieldValue("ACME", 1.0, 1, BOX, "human", "")
    assert fields["total_net"] == FOUND.fields["total_net"]
    assert [str(finding.code) for finding in found.findings] == ["rotated"]
    assert [(t.before, t.after, t.owner) for t in found.history][-1] == (
        State.REVIEW,
        State.CONFIRMED,
        "ann",
    )
    assert drafts.draft(database, number) is None
    assert queue(database, Wanted(), now=NOW) == []
    (entry,) = queue(database, Wanted(state=State.CONFIRMED), now=NOW)
    assert (str(entry.amount), entry.doubts) == ("119.00", 0)


def test_the_trail_tells_old_and_new_of_every_change(database: Database) -> None:
    number = put(database)
    edits = Edits(
        fields={**RIGHT, "currency": None, "order_number": Given(value="B-7")},
        accepted=("supplier_name",),
    )
    confirm(Desk(database), number, edits, who="ann", now=at(1))
    told = {(e.action, e.field, e.old, e.new) for e in audit.trail(database, number)}
    assert told == {
        ("confirm", None, "review", "confirmed"),
        ("changed", "total_gross", "191.00", "119.00"),
        ("removed", "currency", "EUR", None),
        ("added", "order_number", None, "B-7"),
        ("accepted", "supplier_name", "ACME", "ACME"),
    }


def test_every_value_becomes_a_correction_with_its_place(database: Database) -> None:
    number = put(database)
    confirm(Desk(database), number, Edits(fields=RIGHT), who="ann", now=at(1))
    found = {
        (c.correction.field, c.correction.row): c.correction
        for c in corrections.corrections(database, document_id=number)
    }
    gross = found["total_gross", None]
    assert (gross.kind, gross.old, gross.new) == (CorrectionKind.CHANGED, "191.00", "119.00")
    assert (gross.page, gross.bbox) == (1, Box(0.5, 0.5, 0.6, 0.55))
    kept = found["total_net", None]
    assert (kept.kind, kept.bbox) == (CorrectionKind.CONFIRMED, BOX)
    assert found["document_type", None].kind is CorrectionKind.CONFIRMED
    assert found["quantity", 1].kind is CorrectionKind.CONFIRMED
    assert len(found) == 1 + 7 + 6


def test_lines_are_changed_added_moved_and_removed(database: Database) -> None:
    number = put(database)
    rows = (
        Row(cells={"description": Given(value="Delivery"), "amount_net": Given(value="5.00")}),
        Row(origin=0, cells={"quantity": Given(value="3"), "unit_price": None}),
        Row(cells={}),
    )
    confirm(Desk(database), number, Edits(fields=RIGHT, rows=rows), who="ann", now=at(1))
    found = documents.document(database, number).extraction
    assert found is not None
    values = [{n: c.value for n, c in line.items()} for line in found.line_items]
    assert values == [
        {"description": "Delivery", "amount_net": "5.00"},
        {"description": "Bolts", "quantity": "3", "amount_net": "80.00"},
    ]
    assert found.line_items[1]["quantity"].source == "human"
    changed = {
        (e.action, e.field, e.old, e.new)
        for e in audit.trail(database, number)
        if e.field and e.field.startswith("line_items")
    }
    assert changed == {
        ("added", "line_items.0.description", None, "Delivery"),
        ("added", "line_items.0.amount_net", None, "5.00"),
        ("changed", "line_items.1.quantity", "2", "3"),
        ("removed", "line_items.0.unit_price", "40.00", None),
        ("removed", "line_items.1.description", "Nuts", None),
        ("removed", "line_items.1.amount_net", "20.00", None),
    }


def test_a_value_that_does_not_fit_its_field_is_refused_and_nothing_changes(
    database: Database,
) -> None:
    number = put(database)
    wrong = Edits(
        fields={"issue_date": Given(value="31.12.2025"), "nonsense": Given(value="x")},
        rows=(Row(origin=0, cells={"quantity": Given(value="two")}),),
    )
    with pytest.raises(EditRefused) as caught:
        confirm(Desk(database), number, wrong, who="ann", now=at(1))
    assert set(caught.value.faults) == {"issue_date", "nonsense", "line_items.0.quantity"}
    with pytest.raises(EditRefused, match="no such line"):
        confirm(Desk(database), number, Edits(rows=(Row(origin=9),)), who="ann", now=at(1))
    found = documents.document(database, number)
    assert (found.summary.state, found.extraction) == (State.REVIEW, FOUND)
    assert audit.trail(database, number) == []


def test_what_the_paper_says_wrongly_may_be_confirmed_and_stays_a_finding(
    database: Database,
) -> None:
    number = put(database)
    done = confirm(Desk(database), number, Edits(), who="ann", now=at(1))
    assert [finding.code for finding in done.findings] == ["rotated", "totals_mismatch"]
    assert documents.document(database, number).summary.state is State.CONFIRMED


def test_the_type_can_be_corrected(database: Database) -> None:
    number = put(database)
    edits = Edits.model_validate({"document_type": "credit_note"})
    confirm(Desk(database), number, edits, who="ann", now=at(1))
    found = documents.document(database, number).extraction
    assert found is not None
    assert (found.document_type, found.route_confidence) == ("credit_note", 1.0)
    assert ("changed", "document_type", "invoice", "credit_note") in {
        (e.action, e.field, e.old, e.new) for e in audit.trail(database, number)
    }


def test_the_webhook_hears_of_it_once_and_not_of_what_was_undone_before(
    database: Database,
) -> None:
    number = put(database)
    desk = Desk(database, tell=True)
    confirm(desk, number, Edits(fields=RIGHT), who="ann", now=at(1))
    undo(desk, number, who="ann", now=at(2))
    assert deliveries.counts(database) == {}
    confirm(desk, number, Edits(fields=RIGHT), who="ann", now=at(3))
    sent = deliveries.take_due(database, now=at(4), lease_s=60)
    assert sent is not None and sent.event == "document.confirmed"
    body = json.loads(sent.body)["data"]
    assert body["fields"]["total_gross"]["value"] == "119.00"
    assert (body["document_id"], body["tags"], body["outcome"]) == (number, ["acme"], "confirmed")
    confirm(Desk(database), number, Edits(), who="bob", now=at(5))
    assert deliveries.take_due(database, now=at(6), lease_s=60) is None


def test_an_undo_puts_everything_back_and_a_second_goes_further(database: Database) -> None:
    number = put(database)
    desk = Desk(database)
    before = documents.document(database, number)
    confirm(desk, number, Edits(fields=RIGHT, rows=()), who="ann", now=at(1))
    reopen(desk, number, who="bob", now=at(2))
    assert undo(desk, number, who="bob", now=at(3)).state is State.CONFIRMED
    assert undo(desk, number, who="ann", now=at(4)).state is State.REVIEW
    after = documents.document(database, number)
    assert (after.extraction, after.findings) == (before.extraction, before.findings)
    assert (after.summary.reason_code, after.summary.reason) == ("totals_mismatch", "Look.")
    assert corrections.corrections(database, document_id=number) == []
    with pytest.raises(DoctallyError) as caught:
        undo(desk, number, who="ann", now=at(5))
    assert caught.value.code == "nothing_to_undo"
    told = [entry.action for entry in audit.trail(database, number) if entry.field is None]
    assert told == ["undo confirm", "undo reopen", "reopen", "confirm"]


def test_an_accepted_document_is_reopened_corrected_and_taken_back(database: Database) -> None:
    number = put(database, outcome=State.ACCEPTED)
    desk = Desk(database)
    confirm(desk, number, Edits(fields=RIGHT), who="ann", now=at(1))
    assert undo(desk, number, who="ann", now=at(2)).state is State.ACCEPTED
    assert reopen(desk, number, who="ann", now=at(3)).state is State.REVIEW
    (entry,) = queue(database, Wanted(), now=NOW)
    assert (entry.reason_code, entry.reason) == ("reopened", "reopened by ann")


def test_a_rejected_document_has_failed_with_its_reason_and_can_come_back(
    database: Database,
) -> None:
    number = put(database)
    desk = Desk(database)
    assert reject(desk, number, "  an\nadvert ", who="ann", now=at(1)).state is State.FAILED
    about = documents.document(database, number).summary
    assert (about.state, about.reason_code, about.reason) == (State.FAILED, "rejected", "an advert")
    with pytest.raises(IllegalTransition):
        confirm(desk, number, Edits(), who="ann", now=at(2))
    assert undo(desk, number, who="ann", now=at(3)).state is State.REVIEW
    assert documents.document(database, number).extraction == FOUND


def test_nobody_decides_what_another_has_open_or_what_has_changed(database: Database) -> None:
    number = put(database)
    desk = Desk(database)
    holds.take(database, number, holder="h1", who="ann", now=NOW, lease_s=60)
    with pytest.raises(holds.HeldByAnother, match="ann has this document open"):
        confirm(desk, number, Edits(), who="bob", holder="h2", now=at(1))
    seen = documents.document(database, number).summary.updated_at
    confirm(desk, number, Edits(), who="ann", holder="h1", seen=seen, now=at(2))
    with pytest.raises(ChangedMeanwhile):
        reject(desk, number, "", who="ann", holder="h1", seen=seen, now=at(3))
    assert confirm(desk, number, Edits(), who="bob", holder="h2", now=at(61)).state == "confirmed"


def test_a_document_without_values_cannot_be_decided_on(database: Database) -> None:
    number = documents.refuse(
        database, name="a", tags=(), size=0, code="x", message="x", owner="a", now=NOW
    )
    for unknown, code in ((number, "no_values"), (999, "no_such_document")):
        with pytest.raises(DoctallyError) as caught:
            confirm(Desk(database), unknown, Edits(), who="ann", now=NOW)
        assert caught.value.code == code


def test_the_file_follows_the_decision(database: Database, tmp_path: Path) -> None:
    number = put(database)
    folders = Folders(tmp_path)
    folders.create()
    desk = Desk(database, folders)
    lies = folders.destination(number, "bill.pdf", State.REVIEW, NOW)
    lies.write_bytes(b"x")
    documents.relocate(database, number, folders.relative(lies))

    def place() -> Path:
        path = tmp_path / documents.document(database, number).summary.location
        assert path.is_file()
        assert len(list(tmp_path.rglob("*bill.pdf"))) == 1
        return path.relative_to(tmp_path)

    confirm(desk, number, Edits(), who="ann", now=at(1))
    assert place() == Path(f"processed/2026/03/{number}-bill.pdf")
    confirm(desk, number, Edits(), who="ann", now=at(2))
    undo(desk, number, who="ann", now=at(3))
    assert place().parts[0] == "processed"
    undo(desk, number, who="ann", now=at(4))
    assert place() == Path(f"review/{number}-bill.pdf")
    reject(desk, number, "an advert", who="ann", now=at(5))
    failed = place()
    assert "an advert" in reason_path(tmp_path / failed).read_text()
    undo(desk, number, who="ann", now=at(6))
    assert place().parts[0] == "review"
    assert not reason_path(tmp_path / failed).exists()
    (tmp_path / place()).unlink()
    assert confirm(desk, number, Edits(), who="ann", now=at(7)).state is State.CONFIRMED


def test_an_earlier_document_with_the_number_given_is_told(database: Database) -> None:
    first = put(database)
    second = put(database, number=2)
    done = confirm(Desk(database), second, Edits(fields=RIGHT), who="ann", now=at(1))
    (told,) = [finding for finding in done.findings if finding.code == "duplicate_number"]
    assert f"document {first} " in told.message


def test_another_account_of_a_known_supplier_stays_a_finding_until_it_is_the_known_one(
    database: Database,
) -> None:
    number = put(database)
    suppliers.put(database, [Supplier(0, "ACME", ibans=("DE44500105175407324931",))], now=NOW)

    def confirmed(iban: str, seconds: float) -> list[str]:
        edits = Edits(fields={**RIGHT, "supplier_iban": Given(value=iban)})
        done = confirm(Desk(database), number, edits, who="ann", now=at(seconds))
        return [finding.code for finding in done.findings]

    assert confirmed("GB82WEST12345698765432", 1) == ["rotated", "bank_account_changed"]
    reopen(Desk(database), number, who="ann", now=at(2))
    assert confirmed("DE44500105175407324931", 3) == ["rotated"]
