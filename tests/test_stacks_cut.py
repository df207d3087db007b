"""PDFs that hold several documents: cut at the model's word, each part a document of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes import FakeEngine, drop, invoice_pdf, stack_pdf

from db import documents
from doctally.errors import UnreadableDocument
from doctally.pages import Page, Reading
from doctally.settings import Settings
from extractors.limits import ReadLimits
from extractors.read import read
from flows import extract as extraction
from flows.home import open_home
from flows.once import process_all
from flows.reader import reading
from flows.stacks import sheets


def work(settings: Settings) -> None:
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        for _ in process_all(home, told=lambda _: None):
            pass


def test_a_stack_becomes_documents_that_know_their_pages(settings: Settings) -> None:
    drop(settings.home / "inbox", "acme/stack.pdf", stack_pdf("R-1", "R-2", "R-3"))
    work(settings)
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        rows = {row.name: row for row in documents.recent(home.database)}
        whole = documents.document(home.database, rows["stack.pdf"].document_id)
        parts = {
            name: documents.document(home.database, row.document_id)
            for name, row in rows.items()
            if name != "stack.pdf"
        }
    assert str(whole.summary.state) == "unpacked"
    assert [f.message for f in whole.findings if f.code == "stack"] == [
        "The file holds 3 documents: pages 1, 2-3, 4."
    ]
    assert {name: part.pages_in_parent for name, part in parts.items()} == {
        "stack p1.pdf": (1, 1),
        "stack p2-3.pdf": (2, 3),
        "stack p4.pdf": (4, 4),
    }
    assert {part.summary.parent_id for part in parts.values()} == {whole.summary.document_id}
    assert {str(part.summary.state) for part in parts.values()} == {"accepted"}
    numbers = {n: p.extraction.fields["document_number"].value for n, p in parts.items()}  # type: ignore[union-attr]
    assert numbers == {"stack p1.pdf": "R-1", "stack p2-3.pdf": "R-2", "stack p4.pdf": "R-3"}
    cut_file = settings.home / parts["stack p2-3.pdf"].summary.location
    assert len(read(cut_file).pages) == 2


def test_a_stack_stays_whole_where_that_is_wanted(settings: Settings) -> None:
    drop(settings.home / "inbox", "stack.pdf", stack_pdf("R-1", "R-2"))
    work(settings.model_copy(update={"split_stacks": False}))
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        (row,) = documents.recent(home.database)
    assert str(row.state) == "accepted"


def test_what_was_cut_out_of_a_stack_is_not_cut_again(settings: Settings) -> None:
    class Eager(FakeEngine):
        """Takes every page for a document, wherever it may."""

        def _one(self, reading: Reading):  # type: ignore[no-untyped-def]
            found = super()._one(reading)
            if reading.loose:
                from dataclasses import replace

                return replace(found, starts=(1, 2))
            return found

    drop(settings.home / "inbox", "stack.pdf", stack_pdf("R-1", "R-2"))
    with open_home(settings, load_engine=lambda _: Eager()) as home:
        for _ in process_all(home, told=lambda _: None):
            pass
        names = {row.name for row in documents.recent(home.database)}
    assert names == {"stack.pdf", "stack p1.pdf", "stack p2-3.pdf"}


def test_extract_shows_the_documents_of_a_stack(settings: Settings, tmp_path: Path) -> None:
    path = drop(tmp_path, "stack.pdf", stack_pdf("R-1", "R-2"))
    with pytest.MonkeyPatch.context() as patched, reading(settings) as reader:
        patched.setattr(extraction, "shared_engine", lambda _: FakeEngine())
        found = list(extraction.extract([path], settings, reader, now=datetime.now(UTC)))
    assert [(Path(r.file).name, str(r.outcome)) for r in found] == [
        ("stack.pdf", "unpacked"),
        ("stack p1.pdf", "accepted"),
        ("stack p2-3.pdf", "accepted"),
    ]


def test_the_same_stack_cut_twice_gives_the_same_files(tmp_path: Path) -> None:
    path = drop(tmp_path, "stack.pdf", stack_pdf("R-1", "R-2"))
    once, again = (read(path, ReadLimits(cut_at=(1, 2))).parts for _ in range(2))
    assert once == again
    assert once[0].content != once[1].content
    assert [part.pages for part in once] == [(1, 1), (2, 3)]


def test_a_file_that_cannot_be_cut_there_is_refused(tmp_path: Path) -> None:
    path = drop(tmp_path, "one.pdf", invoice_pdf("R-1"))
    with pytest.raises(UnreadableDocument) as refusal:
        read(path, ReadLimits(cut_at=(1, 5)))
    assert refusal.value.code == "not_cut"


def test_only_pdfs_of_several_pages_without_xml_may_be_stacks(tmp_path: Path) -> None:
    one = read(drop(tmp_path, "one.pdf", invoice_pdf("R-1")))
    two = read(drop(tmp_path, "two.pdf", invoice_pdf("R-2", pages=2)))
    assert (one.loose, two.loose) == (False, True)
    assert not read(tmp_path / "two.pdf", pages_only=True).loose


def test_two_pages_of_one_sheet_stay_together() -> None:
    pages = tuple(Page(number, 1.0, 1.0, ()) for number in range(1, 5))
    shown = Reading("application/pdf", pages, metadata={"sheet.3": "2", "sheet.4": "3"})
    assert sheets(shown, (1, 3, 4)) == (1, 2, 3)
