"""A file that says that it is whole, and that nobody writes to, is taken sooner; no half one is."""

from __future__ import annotations

import io
import os
import random
import zipfile
from pathlib import Path

import pytest
from fakes import invoice_pdf
from PIL import Image

from extractors.ending import is_whole
from flows.folders import Folders, Found, scan
from flows.settling import Settling

PAPERS = Path(__file__).parent / "documents"
EDIFACT = b"UNB+UNOC:3+A+B+260301:1200+1'UNH+1+ORDERS:D:96A:UN'UNT+2+1'UNZ+1+1'"
ISA = b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260301*1200*U*00401*"
X12 = ISA + b"000000001*0*P*>~GS*PO*A*B~SE*1*1~GE*1*1~IEA*1*000000001~"
XML = b"<?xml version='1.0'?>\n<!-- a bill --><ns:Invoice a='1'><ns:ID>7</ns:ID></ns:Invoice>\n"


def picture(kind: str) -> bytes:
    made = io.BytesIO()
    noise = Image.frombytes("RGB", (200, 200), os.urandom(120_000))
    noise.save(made, kind)
    return made.getvalue()


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as folder:
        folder.writestr("a.xml", XML)
        folder.writestr("b.pdf", invoice_pdf("A-1"))
        folder.comment = b"from the office"
    return made.getvalue()


WHOLE = {
    "a.pdf": invoice_pdf("A-1", pages=3),
    "a.zip": archive(),
    "a.xml": XML,
    "a.edi": EDIFACT,
    "a.x12": X12,
    "a.jpg": picture("JPEG"),
    "a.png": picture("PNG"),
}


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = Folders(tmp_path)
    made.create()
    return made


def look(folders: Folders, name: str) -> Found:
    [found] = [one for one in scan(folders.inbox) if isinstance(one, Found) and one.name == name]
    return found


@pytest.mark.parametrize("name", WHOLE)
def test_the_end_of_a_whole_file_is_known_and_no_part_of_it_has_it(
    tmp_path: Path, name: str
) -> None:
    path, content = tmp_path / name, WHOLE[name]
    path.write_bytes(content)
    assert is_whole(path)
    step = max(len(content.rstrip()) // 400, 1)
    for length in range(0, len(content.rstrip()), step):
        path.write_bytes(content[:length])
        assert not is_whole(path), length
    path.write_bytes(content[:-2].rstrip()[:-1])
    assert not is_whole(path)


def test_of_our_samples_every_pdf_but_the_broken_one_says_that_it_is_whole() -> None:
    told = {path.name: is_whole(path) for path in PAPERS.glob("*.pdf")}
    assert not told.pop("broken.pdf") and told and all(told.values())


def test_the_first_part_of_a_pdf_for_the_web_is_not_taken_for_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    first = b"%PDF-1.7\n1 0 obj <</Linearized 1 /L 5000 /H [1 2]>> endobj\nxref\n0 1\ntrailer\n"
    path.write_bytes(first + b"startxref\n0\n%%EOF\n")
    assert not is_whole(path)
    path.write_bytes((first + b"x" * 5000)[: 5000 - 18] + b"startxref\n0\n%%EOF\n")
    assert path.stat().st_size == 5000 and is_whole(path)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"plain words", b"<a", b"ISA", b"PK\3\4"])
def test_of_anything_else_nothing_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    assert not is_whole(path)


@pytest.mark.parametrize("name", WHOLE)
def test_whatever_a_sender_changes_it_is_one_answer_or_the_other(tmp_path: Path, name: str) -> None:
    path, dice = tmp_path / name, random.Random(name)
    for _ in range(300):
        content = bytearray(WHOLE[name])
        for _ in range(dice.randint(1, 40)):
            near = dice.choice([0, max(len(content) - 200, 0)])
            content[min(near + dice.randrange(200), len(content) - 1)] = dice.randrange(256)
        cut = dice.randrange(len(content))
        path.write_bytes(content[cut:] if dice.random() < 0.2 else content)
        assert is_whole(path) in {True, False}


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="the kernel is asked on Linux only")
def test_a_whole_file_is_taken_after_a_fifth_of_the_time_and_a_half_one_after_all_of_it(
    folders: Folders,
) -> None:
    (folders.inbox / "a.pdf").write_bytes(WHOLE["a.pdf"])
    (folders.inbox / "half.pdf").write_bytes(WHOLE["a.pdf"][:-200])
    settling = Settling(2.0)
    for name, quick in (("a.pdf", True), ("half.pdf", False)):
        found = look(folders, name)
        changed = max(found.mtime_ns, found.ctime_ns) / 1e9
        settling.look()
        assert not settling.complete(found, wall=changed + 0.25, steady=0.0)
        assert settling.soonest_s == pytest.approx(0.15, abs=0.01)
        settling.look()
        assert settling.complete(found, wall=changed + 0.5, steady=0.1) == quick
        assert settling.soonest_s == pytest.approx(2.0 if quick else 1.5, abs=0.01)
        assert settling.complete(found, wall=changed + 2.1, steady=0.2)


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="the kernel is asked on Linux only")
def test_a_whole_file_that_is_still_open_for_writing_waits(folders: Folders) -> None:
    path = folders.inbox / "a.pdf"
    settling = Settling(2.0)
    with path.open("wb") as writer:
        writer.write(WHOLE["a.pdf"])
        writer.flush()
        found = look(folders, "a.pdf")
        changed = max(found.mtime_ns, found.ctime_ns) / 1e9
        assert not settling.complete(found, wall=changed + 1.0, steady=0.0)
        assert not settling.complete(found, wall=changed + 9.0, steady=1.0)
    assert settling.complete(look(folders, "a.pdf"), wall=changed + 1.0, steady=1.1)


def test_where_the_kernel_says_nothing_the_whole_time_is_waited_for(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import settling as module

    monkeypatch.setattr(module, "_writers", lambda _: module.Writers.UNKNOWN)
    (folders.inbox / "a.pdf").write_bytes(WHOLE["a.pdf"])
    found = look(folders, "a.pdf")
    changed = max(found.mtime_ns, found.ctime_ns) / 1e9
    settling = Settling(2.0)
    assert not settling.complete(found, wall=changed + 1.0, steady=0.0)
    assert settling.complete(found, wall=changed + 2.1, steady=0.1)
