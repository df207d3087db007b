"""A kill between any two steps of taking a file apart: each piece is one document in the end."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

from containers import mail_of, zip_of
from fakes import FakeEngine, drop, invoice_pdf
from pytest import MonkeyPatch
from test_kill_points import EFFECTS, HereReaders, Killed, Killer

from db import documents
from doctally.settings import Settings
from flows import spool
from flows.home import open_home
from flows.once import process_all

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


def once(settings: Settings, killer: Killer) -> None:
    with MonkeyPatch.context() as patched:
        for owner, name in (*EFFECTS, *MORE):
            patched.setattr(owner, name, killer.around(getattr(owner, name)))
        with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
            here = replace(home, readers=HereReaders())  # type: ignore[arg-type]
            for _ in process_all(here, told=lambda _: None):
                pass


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
    with open_home(settings, load_engine=lambda _: FakeEngine()):
        pass
    for name, content in FILES.items():
        drop(settings.home / "inbox", name, content)
    point, killed = 0, True
    while killed:
        point += 1
        home = tmp_path / f"point-{point}"
        shutil.copytree(settings.home, home)
        here = settings.model_copy(update={"home": home})
        try:
            once(here, Killer(point))
            killed = False
        except Killed:
            once(here, Killer(None))
        assert_all_is_well(here, f"killed at point {point}")
        shutil.rmtree(home)
    assert point > 40


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
