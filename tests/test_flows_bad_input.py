"""Bad files among good ones: each with a clear reason in SQL and beside it, the others go on."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from fakes import FakeEngine, drop, invoice_pdf

from db import documents
from doctally.results import State
from doctally.settings import Settings
from flows.artifacts import table
from flows.batch import Batch
from flows.folders import reason_path
from flows.home import Home, open_home
from flows.once import process_all
from flows.reasons import ADVICE


def huge_png(side: int) -> bytes:
    """Return a real black-and-white image of side x side pixels; it packs very small."""
    packer = zlib.compressobj(1)
    row = bytes(1 + side // 8)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def no_pages(folder: Path) -> bytes:
    """Return a valid PDF without a page."""
    path = folder / "none.pdf"
    empty = pypdfium2.PdfDocument.new()
    empty.save(path)
    return path.read_bytes()


BAD = {
    "empty.pdf": "empty_file",
    "truncated.pdf": "damaged",
    "encrypted.pdf": "encrypted",
    "no-pages.pdf": "no_pages",
    "huge.png": "too_many_pixels",
    "program.pdf": "unknown_type",
}


@pytest.fixture(scope="module")
def batch_and_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Batch, Home]]:
    base = tmp_path_factory.mktemp("bad")
    chosen = Settings(home=base / "home", settle_s=0, readers=2, max_pages=50)
    good = invoice_pdf("R-1")
    with open_home(chosen, load_engine=lambda _: FakeEngine()) as home:
        inbox = home.folders.inbox
        drop(inbox, "good.pdf", good)
        drop(inbox, "empty.pdf", b"")
        drop(inbox, "truncated.pdf", invoice_pdf("R-2")[: len(good) // 3])
        drop(inbox, "encrypted.pdf", invoice_pdf("R-3", password="secret"))
        drop(inbox, "no-pages.pdf", no_pages(base))
        drop(inbox, "huge.png", huge_png(30_000))
        drop(inbox, "program.pdf", b"\x7fELF" + bytes(range(256)) * 8)
        drop(inbox, "misnamed.jpg", invoice_pdf("R-4"))
        drop(inbox, "long.pdf", invoice_pdf("R-5", pages=2_000))
        drop(inbox, "twin.pdf", good)
        (batch,) = process_all(home, told=lambda _: None)
        yield batch, home


def test_the_good_and_the_misnamed_go_on_and_the_twin_is_linked(
    batch_and_home: tuple[Batch, Home],
) -> None:
    batch, _ = batch_and_home
    states = {row.file: row.state for row in batch.rows()}
    assert states["good.pdf"] == states["misnamed.jpg"] == "accepted"
    assert states["twin.pdf"] == "duplicate"


def test_a_document_of_2000_pages_is_read_in_part_and_a_person_is_told(
    batch_and_home: tuple[Batch, Home],
) -> None:
    _, home = batch_and_home
    found = next(d for d in documents.recent(home.database) if d.name == "long.pdf")
    assert found.state is State.REVIEW
    stored = documents.document(home.database, found.document_id)
    assert stored.page_count == 50
    assert any("2000" in f.message or "50" in f.message for f in stored.findings)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_has_its_reason_in_sql_in_the_table_and_beside_it(
    batch_and_home: tuple[Batch, Home], name: str
) -> None:
    batch, home = batch_and_home
    found = next(d for d in documents.recent(home.database) if d.name == name)
    assert (found.state, found.reason_code) == (State.FAILED, BAD[name])
    assert len(found.reason) > 15
    assert found.reason_code in ADVICE
    path = home.folders.home / found.location
    assert path.parent == home.folders.failed and path.is_file()
    text = reason_path(path).read_text()
    assert found.reason in text and ADVICE[found.reason_code] in text
    shown = next(cells for cells in table(batch.rows()) if cells["file"] == name)
    assert (shown["state"], found.reason_code in shown["why"]) == ("failed", True)


def test_nothing_is_left_in_between(batch_and_home: tuple[Batch, Home]) -> None:
    _, home = batch_and_home
    assert not list(home.folders.inbox.iterdir())
    assert not list(home.folders.processing.iterdir())


def test_a_file_that_is_still_written_waits_and_is_then_taken(settings: Settings) -> None:
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        content = invoice_pdf("R-1")
        path = home.folders.inbox / "slow.pdf"
        with path.open("wb") as writer:
            writer.write(content[:200])
            writer.flush()
            assert (home.intake().jobs, home.intake().waiting) == ((), 1)
            writer.write(content[200:])
        (batch,) = process_all(home, told=lambda _: None)
        assert batch.counts() == {"accepted": 1}
