"""Files that hold other files, from the inbox to the end: each piece is a document, once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from containers import mail_of, zip_of
from fakes import FakeEngine, drop, invoice_pdf

from db import documents
from db.documents import Summary
from doctally.settings import Settings
from flows import extract as extraction
from flows.artifacts import table
from flows.batch import Batch
from flows.home import open_home
from flows.once import process_all, process_files
from flows.reader import reading


def work(settings: Settings) -> list[Batch]:
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        return list(process_all(home, told=lambda _: None))


def rows(settings: Settings) -> dict[str, Summary]:
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        return {row.name: row for row in documents.recent(home.database)}


def leftovers(settings: Settings) -> list[Path]:
    folders = [settings.home / name for name in ("inbox", "processing")]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_the_attachments_of_a_message_are_documents_that_know_where_they_came_from(
    settings: Settings,
) -> None:
    message = mail_of(
        "Please find our invoices attached.",
        {"one.pdf": invoice_pdf("R-1"), "two.pdf": invoice_pdf("R-2", words="UNSURE")},
    )
    drop(settings.home / "inbox", "acme/mail.eml", message.as_bytes())
    first, second = work(settings)
    found = rows(settings)
    assert {name: str(row.state) for name, row in found.items()} == {
        "mail.eml": "unpacked",
        "one.pdf": "accepted",
        "two.pdf": "review",
    }
    parent = found["mail.eml"]
    assert {found[n].parent_id for n in ("one.pdf", "two.pdf")} == {parent.document_id}
    assert {found[n].tags for n in found} == {("acme",)}
    for row in found.values():
        assert (settings.home / row.location).is_file()
    assert parent.location.startswith("processed/")
    assert not leftovers(settings)
    (shown,) = table(first.rows())
    assert (shown["state"], shown["why"]) == ("unpacked", "holds 2, 3")
    assert {row["came in"] for row in table(second.rows())} == {str(parent.document_id)}


def test_what_a_message_says_of_itself_is_kept(settings: Settings) -> None:
    drop(settings.home / "inbox", "m.eml", mail_of("Hi", {"a.pdf": invoice_pdf("R-1")}).as_bytes())
    work(settings)
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        details = documents.document(home.database, 1).details
    assert details["from"] == "Jürgen Müller <billing@example.org>"
    assert details["date"] == "2026-03-02T09:00:00+00:00"
    assert details["message_id"] == "<4711@example.org>"


def test_a_message_that_is_a_document_itself_keeps_its_own_values(settings: Settings) -> None:
    body = "Invoice number R-9\nDate 2026-03-02\nFrom ACME\nNet 1.00\nTax 0.19\nGross 1.19\n"
    body += "Currency EUR\n"
    message = mail_of(body, {"one.pdf": invoice_pdf("R-1")})
    del message["From"]
    del message["Date"]
    drop(settings.home / "inbox", "mail.eml", message.as_bytes())
    work(settings)
    found = rows(settings)
    assert {name: str(row.state) for name, row in found.items()} == {
        "mail.eml": "accepted",
        "one.pdf": "accepted",
    }
    assert str(found["mail.eml"].document_type) == "invoice"


def test_archives_in_messages_in_archives_are_opened(settings: Settings) -> None:
    inner = mail_of("see the archive", {"deep.zip": zip_of({"x/deep.pdf": invoice_pdf("R-1")})})
    outer = zip_of({"mails/inner.eml": inner.as_bytes(), "__MACOSX/._inner.eml": b"rubbish"})
    drop(settings.home / "inbox", "outer.zip", outer)
    work(settings)
    states = {name: str(row.state) for name, row in rows(settings).items()}
    unpacked = dict.fromkeys(("outer.zip", "inner.eml", "deep.zip"), "unpacked")
    assert states == {**unpacked, "deep.pdf": "accepted"}


def test_a_known_document_inside_a_message_is_linked_and_done_once(settings: Settings) -> None:
    drop(settings.home / "inbox", "first.pdf", invoice_pdf("R-1"))
    work(settings)
    message = mail_of("again", {"copy.pdf": invoice_pdf("R-1"), "new.pdf": invoice_pdf("R-2")})
    drop(settings.home / "inbox", "mail.eml", message.as_bytes())
    work(settings)
    assert Counter(str(row.state) for row in rows(settings).values()) == {
        "accepted": 2,
        "unpacked": 1,
    }
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        (arrival,) = documents.document(home.database, 1).arrivals
    assert (arrival.name, arrival.parent_id) == ("copy.pdf", 2)
    assert not leftovers(settings)


def test_a_broken_attachment_fails_alone(settings: Settings) -> None:
    message = mail_of("two", {"bad.pdf": b"%PDF-1.7 and nothing", "good.pdf": invoice_pdf("R-1")})
    drop(settings.home / "inbox", "mail.eml", message.as_bytes())
    work(settings)
    states = {name: str(row.state) for name, row in rows(settings).items()}
    assert states == {"mail.eml": "unpacked", "bad.pdf": "failed", "good.pdf": "accepted"}


def test_names_inside_an_archive_are_never_paths(settings: Settings) -> None:
    names = ("../../../evil.pdf", "/etc/evil2.pdf", "C:\\windows\\evil3.pdf", "a/../../evil4.pdf")
    files = {name: invoice_pdf(f"R-{i}") for i, name in enumerate(names)}
    drop(settings.home / "inbox", "evil.zip", zip_of(files))
    work(settings)
    found = rows(settings)
    assert set(found) == {"evil.zip", "evil.pdf", "evil2.pdf", "evil3.pdf", "evil4.pdf"}
    here = settings.home.resolve()
    for row in found.values():
        assert (here / row.location).resolve().is_relative_to(here / "processed")


def test_files_too_deep_inside_each_other_fail_with_the_reason(settings: Settings) -> None:
    content = invoice_pdf("R-1")
    for level in range(7):
        content = zip_of({f"level{level}.zip" if level else "deepest.pdf": content})
    drop(settings.home / "inbox", "bomb.zip", content)
    work(settings)
    found = rows(settings)
    states = Counter(str(row.state) for row in found.values())
    assert states == {"unpacked": 5, "failed": 1}
    (failed,) = [row for row in found.values() if str(row.state) == "failed"]
    assert failed.reason_code == "too_deep"
    assert not leftovers(settings)


def test_a_file_gives_no_more_documents_than_allowed_however_they_are_packed(
    settings: Settings,
) -> None:
    few = settings.model_copy(update={"max_parts": 6})
    inner = {
        f"{i}.zip": zip_of({f"{i}{j}.pdf": invoice_pdf(f"R-{i}{j}") for j in range(2)})
        for i in range(4)
    }
    drop(few.home / "inbox", "many.zip", zip_of(inner))
    work(few)
    found = rows(few).values()
    assert Counter(str(row.state) for row in found) == {"unpacked": 2, "failed": 3, "accepted": 2}
    assert {row.reason_code for row in found if str(row.state) == "failed"} == {"too_many_parts"}


def test_files_given_by_name_are_processed_with_what_is_inside(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(mail_of("see", {"a.pdf": invoice_pdf("R-1")}).as_bytes())
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        batches = list(process_files(home, [file], told=lambda _: None))
    assert [batch.counts() for batch in batches] == [{"unpacked": 1}, {"accepted": 1}]


def test_extract_without_a_database_looks_into_files_as_well(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "shared_engine", lambda _: FakeEngine())
    inner = zip_of({"deep/a.pdf": invoice_pdf("R-1"), "bad.pdf": b"%PDF-1.7 and nothing"})
    file = tmp_path / "mail.eml"
    file.write_bytes(mail_of("Please see the attachment.", {"inner.zip": inner}).as_bytes())
    with reading(settings) as reader:
        found = list(extraction.extract([file], settings, reader, now=datetime.now(UTC)))
    assert [(Path(r.file).relative_to(tmp_path).as_posix(), str(r.outcome)) for r in found] == [
        ("mail.eml", "unpacked"),
        ("mail.eml/inner.zip", "unpacked"),
        ("mail.eml/inner.zip/a.pdf", "accepted"),
        ("mail.eml/inner.zip/bad.pdf", "failed"),
    ]
