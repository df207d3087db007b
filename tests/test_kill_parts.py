"""A kill between any two steps of taking a file apart: each piece is one document in the end."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from containers import mail_of, zip_of
from fakes import FakeEngine, invoice_pdf, stack_pdf
from kills import EFFECTS, HereReaders, kill_everywhere

from db import documents
from doctally.settings import Settings
from flows import spool
from flows.home import open_home

INNER = zip_of({"b.pdf": invoice_pdf("R-2"), "broken.pdf": b"%PDF-1.7 and nothing more"})
ATTACHED = {"a.pdf": invoice_pdf("R-1"), "twin.pdf": invoice_pdf("R-3"), "inner.zip": INNER}
FILES = {
    "mail.eml": mail_of("please see the attachments", ATTACHED).as_bytes(),
    "known.pdf": invoice_pdf("R-3"),
}
EXPECTED = Counter(
    [*FILES.values(), ATTACHED["a.pdf"], INNER, invoice_pdf("R-2"), b"%PDF-1.7 and nothing more"]
)
MORE = ((documents, "unpack"), (spool, "move"), (spool.Spool, "keep"), (spool.Spool, "drop"))


def contents(home: Path) -> Counter[bytes]:
    paths = [path for path in home.rglob("*") if path.is_file()]
    return Counter(
        path.read_bytes()
        for path in paths
        if path.parent != home and not path.name.endswith(".reason.txt")
    )


def test_a_kill_while_files_are_taken_apart_loses_nothing_and_does_nothing_twice(
    settings: Settings, tmp_path: Path
) -> None:
    points = kill_everywhere(settings, tmp_path, FILES, assert_all_is_well, (*EFFECTS, *MORE))
    assert points > 40


def test_a_kill_while_a_stack_is_cut_loses_nothing_and_does_nothing_twice(
    settings: Settings, tmp_path: Path
) -> None:
    stack = stack_pdf("R-1", "R-2")
    path = tmp_path / "stack.pdf"
    path.write_bytes(stack)
    pieces = [part.content for part in HereReaders().cut(path, (1, 2)).parts]
    expected = Counter([stack, *pieces])

    def assert_it_is_cut(here: Settings, when: str) -> None:
        assert contents(here.home) == expected, when
        with open_home(here, load_engine=lambda _: FakeEngine()) as home:
            named = {row.name: row for row in documents.recent(home.database)}
            pages = {
                n: documents.document(home.database, r.document_id).pages_in_parent
                for n, r in named.items()
            }
        assert pages == {"stack.pdf": None, "stack p1.pdf": (1, 1), "stack p2-3.pdf": (2, 3)}, when
        states = {name: str(row.state) for name, row in named.items()}
        assert states.pop("stack.pdf") == "unpacked", when
        assert set(states.values()) == {"accepted"}, when

    files = {"stack.pdf": stack}
    points = kill_everywhere(settings, tmp_path, files, assert_it_is_cut, (*EFFECTS, *MORE))
    assert points > 25


def assert_all_is_well(settings: Settings, when: str) -> None:
    assert contents(settings.home) == EXPECTED, when
    for folder in ("inbox", "processing"):
        assert not [p for p in (settings.home / folder).rglob("*") if p.is_file()], when
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        found = documents.recent(home.database)
        named = {row.name: row for row in found}
        assert len(named) == len(found) == 6, when
        states = {name: str(row.state) for name, row in named.items()}
        assert states.pop("broken.pdf") == "failed", when
        unpacked = {name for name, state in states.items() if state == "unpacked"}
        assert unpacked == {"mail.eml", "inner.zip"}, when
        assert set(states.values()) == {"unpacked", "accepted"}, when
        for row in found:
            assert (home.folders.home / row.location).is_file(), when
        mail, inner = named["mail.eml"].document_id, named["inner.zip"]
        assert inner.parent_id == named["a.pdf"].parent_id == mail, when
        assert named["b.pdf"].parent_id == inner.document_id, when
        known = next(row for name, row in named.items() if name in ("known.pdf", "twin.pdf"))
        linked = documents.document(home.database, known.document_id).arrivals
        assert len(linked) == 1, when
