"""A back-up restored: every row and file, from and into either database, and work goes on."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from containers import zip_of
from databases import BOTH, _made
from fakes import FakeEngine, drop, invoice_pdf

from db import backup, documents, migrate
from db.database import Database, open_database
from db.engine import connected, parsed
from doctally.cli.app import run
from doctally.errors import ConfigurationError
from doctally.settings import Settings
from flows import backup as flows_backup
from flows.backup import MANIFEST, back_up, restore
from flows.home import open_home
from flows.once import process_all

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
FILES = {
    "good.pdf": invoice_pdf("R-1"),
    "acme/unsure.pdf": invoice_pdf("R-2", words="UNSURE"),
    "broken.pdf": b"%PDF-1.7 and nothing more",
    "all.zip": zip_of({"a.pdf": invoice_pdf("R-3"), "b.pdf": invoice_pdf("R-4")}),
    "twin.pdf": invoice_pdf("R-1"),
}


@pytest.fixture(params=BOTH)
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of another database without any table."""
    (tmp_path / "other").mkdir()
    yield from _made(request.param, tmp_path / "other", None)


def process(settings: Settings) -> None:
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        for _ in process_all(home, told=lambda _: None):
            pass


@pytest.fixture
def filled(settings: Settings, database_url: str) -> Settings:
    """Return a home with documents in every state, one of them in work, one in the inbox."""
    filled = settings.model_copy(update={"database_url": database_url})
    for name, content in FILES.items():
        drop(filled.home / "inbox", name, content)
    process(filled)
    drop(filled.home / "inbox", "in_work.pdf", invoice_pdf("R-8"))
    with open_home(filled, load_engine=lambda _: FakeEngine()) as home:
        assert len(home.intake().jobs) == 1
    drop(filled.home / "inbox", "new.pdf", invoice_pdf("R-9"))
    return filled


def there(settings: Settings, folder: Path, url: str) -> Settings:
    return settings.model_copy(update={"home": folder / "restored", "database_url": url})


def rows(folder: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for file in sorted((folder / "database").glob("*.gz")):
        lines = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
        for line in lines:
            for name in ("owner", "lease_until"):
                line.pop(name, None)
        found[file.name] = sorted(lines, key=lambda line: json.dumps(line, sort_keys=True))
    return found


def normal(value: Any) -> Any:
    """Return a value so that 119.0 of SQLite and 119.0000 of PostgreSQL are the same."""
    if isinstance(value, list) and len(value) == 2 and value[0] == "number":
        return float(value[1])
    if isinstance(value, list):
        return [normal(one) for one in value]
    return {k: normal(v) for k, v in value.items()} if isinstance(value, dict) else value


def contents(home: Path) -> Counter[bytes]:
    folders = ("inbox", "processing", "processed", "review", "failed")
    paths = [path for folder in folders for path in (home / folder).rglob("*") if path.is_file()]
    return Counter(path.read_bytes() for path in paths)


def test_what_is_restored_is_what_was_backed_up_and_work_goes_on(
    filled: Settings, other_url: str, tmp_path: Path
) -> None:
    saved = back_up(filled, tmp_path / "first", now=NOW)
    assert saved.documents == 7 and saved.revision == migrate.head()
    new = there(filled, tmp_path, other_url)
    done = restore(new, tmp_path / "first")
    assert (done.documents, done.moved, done.missing) == (7, 0, ())
    assert contents(new.home) == contents(filled.home)
    back_up(new, tmp_path / "second", now=NOW)
    first, second = rows(tmp_path / "first"), rows(tmp_path / "second")
    assert first.keys() == second.keys()
    for name, lines in first.items():
        key = lambda line: json.dumps(line, sort_keys=True)  # noqa: E731
        assert sorted(map(normal, lines), key=key) == sorted(map(normal, second[name]), key=key)
    process(new)
    with open_database(other_url) as database:
        found = {one.name: str(one.state) for one in documents.recent(database)}
    assert found["in_work.pdf"] == found["new.pdf"] == "accepted"
    assert len(found) == 8
    assert not [*(new.home / "inbox").rglob("*.pdf"), *(new.home / "processing").glob("*.pdf")]


def test_a_full_home_or_database_is_never_restored_over(filled: Settings, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "saved", now=NOW)
    with pytest.raises(ConfigurationError, match="empty home"):
        restore(filled, tmp_path / "saved")
    empty = filled.model_copy(update={"home": tmp_path / "empty"})
    with pytest.raises(ConfigurationError, match="holds documents"):
        restore(empty, tmp_path / "saved")


@pytest.fixture
def saved(settings: Settings, tmp_path: Path) -> Path:
    drop(settings.home / "inbox", "good.pdf", invoice_pdf("R-1"))
    process(settings)
    back_up(settings, tmp_path / "saved", now=NOW)
    return tmp_path / "saved"


def test_a_damaged_back_up_is_refused_before_anything_is_written(
    settings: Settings, saved: Path, tmp_path: Path
) -> None:
    new = there(settings, tmp_path, "")
    [file] = (saved / "files/processed").rglob("*.pdf")
    content = file.read_bytes()
    for change in (content[:-1], b""):
        file.write_bytes(change)
        with pytest.raises(ConfigurationError, match="not as it was backed up"):
            restore(new, saved)
    file.unlink()
    with pytest.raises(ConfigurationError, match="No such file"):
        restore(new, saved)
    file.write_bytes(content)
    told = json.loads((saved / MANIFEST).read_text())
    for change in (
        {"revision": "9999"}, {"kind": "other"}, {"rows": {**told["rows"], "documents": 5}},
        {"files": {"../../outside": "0"}}, {"files": 3},
    ):  # fmt: skip
        (saved / MANIFEST).write_text(json.dumps({**told, **change}))
        with pytest.raises(ConfigurationError):
            restore(new, saved)
    (saved / MANIFEST).unlink()
    with pytest.raises(ConfigurationError, match="no whole back-up"):
        restore(new, saved)
    assert not list(new.home.rglob("*.pdf"))


def test_a_back_up_of_an_earlier_schema_is_brought_up_to_date(
    filled: Settings, other_url: str, tmp_path: Path
) -> None:
    back_up(filled, tmp_path / "saved", now=NOW)
    migrate.down_to(parsed(filled.url), "0007")
    for file in (tmp_path / "saved/database").iterdir():
        file.unlink()
    with Database(connected(parsed(filled.url))) as old:
        said = backup.dump(old, tmp_path / "saved/database")
    assert said.revision == "0007"
    manifest = tmp_path / "saved" / MANIFEST
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**told, "revision": said.revision, "rows": dict(said.rows)}))
    new = there(filled, tmp_path, other_url)
    assert restore(new, tmp_path / "saved").documents == 7
    with open_database(other_url) as database:
        assert len(documents.recent(database)) == 7


def test_files_that_move_on_during_a_back_up_are_found_again(
    settings: Settings, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [drop(settings.home / "inbox", f"{n}.pdf", invoice_pdf(f"N-{n}")) for n in range(3)]
    real = flows_backup._digest

    def while_somebody_works(path: Path) -> str:
        for number, file in enumerate(waiting):
            if file.exists() and file.name != path.name:
                file.rename(settings.home / "processing" / f"{70 + number}-{file.name}")
        return real(path)

    monkeypatch.setattr(flows_backup, "_digest", while_somebody_works)
    back_up(settings, tmp_path / "later", now=NOW)
    monkeypatch.undo()
    new = there(settings, tmp_path, "")
    restore(new, tmp_path / "later")
    assert contents(new.home) == contents(settings.home)
    process(new)
    with open_database(new.url) as database:
        assert {str(one.state) for one in documents.recent(database)} == {"accepted"}
        assert len(documents.recent(database)) == 4


def test_the_verbs_say_what_they_did(
    settings: Settings, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("DOCTALLY_HOME", str(settings.home))
    assert run(["backup", str(settings.home / "here")]) == 1
    assert "home itself" in capsys.readouterr().err
    assert run(["backup", str(tmp_path / "by_verb"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["documents"] == 1
    monkeypatch.setenv("DOCTALLY_HOME", str(tmp_path / "new"))
    assert run(["restore", str(tmp_path / "by_verb"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "documents": 1, "files": 1, "moved": 0, "missing": [],
    }  # fmt: skip
