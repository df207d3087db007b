"""Each fault that ``doctally doctor`` knows, caused and found, with what to do about it."""

from __future__ import annotations

import json
import os
import re
import resource
import socket
import sqlite3
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from databases import locked_user, postgres_server
from fakes import FakeEngine, drop, invoice_pdf
from pydantic import SecretStr

from db import documents
from db.claims import Incoming
from db.database import open_database
from db.engine import parsed
from doctally.cli import belongings, surroundings
from doctally.cli.app import run
from doctally.cli.checks import checks
from doctally.cli.exits import ExitCode
from doctally.settings import Settings
from flows.folders import Folders
from flows.home import open_home
from flows.server import Address, client_environment

NOW = datetime.now(UTC)
Cause = Callable[[Settings, pytest.MonkeyPatch], Settings]


def given(settings: Settings, **changed: Any) -> Settings:
    return settings.model_copy(update=changed)


def misspelt(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    patched.setenv("DOCTALLY_BATCHSIZE", "8")
    return settings


def package_gone(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    real = metadata.version

    def version(name: str) -> str:
        if name == "lxml":
            raise metadata.PackageNotFoundError(name)
        return "0.1" if name == "pillow" else real(name)

    patched.setattr(metadata, "version", version)
    return settings


def share(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    settings.home.mkdir()
    mounts = settings.home.parent / "mounts"
    mounts.write_text(f"server:/x {settings.home.parent} nfs4 rw 0 0\n")
    patched.setattr(surroundings, "MOUNTS", mounts)
    return settings


def read_only_folder(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    Folders(settings.home).create()
    real = os.access
    failed = settings.home / "failed"  # as root, rights alone stop nobody
    failed.chmod(0o500)
    patched.setattr(os, "access", lambda path, mode: Path(path) != failed and real(path, mode))
    return settings


def no_folder(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    settings.home.mkdir()
    (settings.home / "inbox").write_text("a file")
    return settings


def full_disk(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    usage = namedtuple("usage", "total used free")
    patched.setattr("shutil.disk_usage", lambda _: usage(10**9, 10**9 - 10**6, 10**6))
    return settings


def no_inodes(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    patched.setattr(os, "statvfs", lambda _: SimpleNamespace(f_files=1000, f_favail=3))
    return settings


def no_memory(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    file = settings.home.parent / "meminfo"
    file.write_text("MemTotal: 4000000 kB\nMemAvailable: 300000 kB\n")
    patched.setattr(surroundings, "MEMORY", file)
    return settings


def few_files(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    patched.setattr(resource, "getrlimit", lambda _: (64, 4096))
    return settings


def clock_set_back(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    file = drop(settings.home / "processed", "1-a.pdf", b"x")
    os.utime(file, (time.time() + 90_000, time.time() + 90_000))
    return settings


def few_watches(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    file = settings.home.parent / "watches"
    file.write_text("8\n")
    patched.setattr(surroundings, "WATCHES", file)
    return settings


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def broken_database(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    drop(settings.home, "doctally.db", b"this is no database, it only looks like one" * 99)
    return settings


def newer_database(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    open_database(settings.url).close()
    with sqlite3.connect(settings.home / "doctally.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    return settings


def no_server(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    return given(settings, database_url="postgresql://me@127.0.0.1:9/doctally")


def not_allowed(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    url = locked_user("right").set(password="wrong")
    return given(settings, database_url=url.render_as_string(hide_password=False))


def no_database(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    url = postgres_server().set(database="nowhere")
    return given(settings, database_url=url.render_as_string(hide_password=False))


def open_prefect(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    patched.delenv("PREFECT_SERVER_API_AUTH_STRING", raising=False)
    return given(settings, host="0.0.0.0")


def open_review(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    return given(settings, review_host="0.0.0.0")


def same_port(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    return given(settings, review_port=settings.port)


def nobody_works(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    drop(settings.home / "inbox", "old.pdf", b"x")
    patched.setattr(belongings, "WAITS", belongings.WAITS * 0)
    return settings


def left_in_work(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    drop(settings.home / "inbox", "a.pdf", invoice_pdf("R-1"))
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        home.intake()
    patched.setattr(belongings, "WAITS", belongings.WAITS * 0)
    return settings


def a_link(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    drop(settings.home / "inbox", "real.pdf", b"x")
    (settings.home / "inbox" / "link.pdf").symlink_to("/etc/passwd")
    return settings


def many_failures(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    files = [Incoming(f"{n:064x}", f"{n}.pdf", (), 9, file_id=str(n)) for n in range(12)]
    with open_database(settings.url) as database:
        for claim in documents.claim(database, files, owner="a", now=NOW, lease_s=60):
            documents.fail(database, claim.document_id, "encrypted", "no", owner="a", now=NOW)
    return settings


def long_history(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    file = drop(settings.home / "prefect", "prefect.db", b"")
    with file.open("ab") as sink:
        sink.truncate(3_000_000_000)  # a hole: it takes no room
    return settings


def no_list(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    return given(settings, tolerances=settings.home.parent / "nowhere.toml")


def broken_list(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    return given(settings, categories=drop(settings.home.parent, "list.toml", b"category = 3"))


def no_password(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    return given(settings, imap_host="imap.example.org", imap_user="me")


def no_mail_server(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    given_mail = {"imap_user": "me", "imap_password": SecretStr("x"), "imap_port": 9}
    return given(settings, imap_host="127.0.0.1", **given_mail)


def private_webhook(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    secret = SecretStr("a-secret-of-thirty-two-characters")
    return given(settings, webhook_url="https://127.0.0.1/hook", webhook_secret=secret)


def unsigned_webhook(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    return given(settings, webhook_url="https://127.0.0.1/hook")


def no_block(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    return given(settings, notify_block="smtp-email/office, office")


def no_ocr(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    real = metadata.files
    patched.setattr(metadata, "files", lambda n: [] if n == "rapidocr" else real(n))
    return settings


def no_bank(settings: Settings, patched: pytest.MonkeyPatch) -> Settings:
    return given(settings, bank=settings.home.parent / "nowhere")


FAULTS: dict[Cause, tuple[str, str]] = {
    misspelt: ("variables", "DOCTALLY_BATCHSIZE is no setting; did you mean DOCTALLY_BATCH_SIZE"),
    package_gone: ("packages", "lxml is missing; pillow 0.1 is not >="),
    share: ("place", "network share (nfs4): set DOCTALLY_POLL=true.*SQLite breaks on shares"),
    read_only_folder: ("folders", "failed: this user cannot read and change it"),
    no_folder: ("folders", "inbox: .*exists"),
    full_disk: ("disk", "only 1 MB free"),
    no_inodes: ("inodes", "room for 3 more files only"),
    no_memory: ("memory", "only 300 MB of memory are free.*DOCTALLY_READERS=1"),
    few_files: ("handles", "only 64 open files are allowed; ulimit -n"),
    clock_set_back: ("clock", "25.0 h in the future: the clock was set back"),
    few_watches: ("watching", "the kernel watches 8 folders only.*DOCTALLY_POLL"),
    broken_database: ("database", "no database or is damaged; restore the last back-up"),
    newer_database: ("database", "newer than this program.*update doctally"),
    no_server: ("database", "check that the server runs"),
    not_allowed: ("database", "refuses this user or password"),
    no_database: ("database", "there is no such database; create it"),
    open_prefect: ("exposed", "set PREFECT_SERVER_API_AUTH_STRING"),
    open_review: ("exposed", "doctally users add NAME --role admin"),
    same_port: ("exposed", "both want port 4200; DOCTALLY_REVIEW_PORT"),
    nobody_works: ("queues", "1 files wait in the inbox.*nobody works: doctally up"),
    left_in_work: ("queues", "1 documents were left in work; `doctally up`"),
    a_link: ("queues", "link.pdf: a symbolic link is never followed"),
    many_failures: ("failures", "12 documents failed in a day, 12 of them with encrypted"),
    long_history: ("history", "3000 MB; let `housekeeping` run"),
    no_list: ("lists", "nowhere.toml is not there; correct the setting"),
    broken_list: ("lists", "categories"),
    no_password: ("mailbox", "needs DOCTALLY_IMAP_USER and DOCTALLY_IMAP_PASSWORD"),
    no_mail_server: ("mailbox", "127.0.0.1"),
    private_webhook: ("webhook", "private address.*DOCTALLY_WEBHOOK_PRIVATE=true"),
    unsigned_webhook: ("webhook", "webhook_secret is empty"),
    no_block: ("notices", "'office' is no KIND/NAME, like smtp-email/office"),
    no_ocr: ("ocr", "installed without its models"),
    no_bank: ("model", "nowhere"),
}


@pytest.mark.parametrize("cause", FAULTS, ids=lambda cause: str(cause.__name__))
def test_each_fault_is_found_and_explained(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, cause: Cause
) -> None:
    name, words = FAULTS[cause]
    broken = cause(settings, monkeypatch)
    [found] = checks(broken, only=[name])
    assert found.warning or found.code is not ExitCode.DONE
    assert re.search(words.replace("(", r"\(").replace(")", r"\)"), found.detail), found.detail


def test_a_locked_database_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from db import engine

    monkeypatch.setattr(engine, "BUSY_S", 0.1)
    file = parsed(settings.url).database
    settings.home.mkdir()
    other = sqlite3.connect(str(file), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    [found] = checks(settings, only=["database"])
    assert "another process holds the lock" in found.detail
    assert found.code is ExitCode.NO_ACCESS
    other.execute("COMMIT")
    other.close()


@pytest.mark.parametrize("name", ["port", "review"])
def test_a_port_that_another_program_has_is_found(
    settings: Settings, taken: int, name: str
) -> None:
    [found] = checks(given(settings, port=taken, review_port=taken), only=[name])
    assert found.warning and f"port {taken} is taken by another program" in found.detail


def test_without_a_fault_nothing_is_wrong(settings: Settings) -> None:
    quick = {name for name, _ in FAULTS.values()} - {"model", "memory", "disk"}
    wrong = [c for c in checks(settings, only=quick) if c.warning or c.code is not ExitCode.DONE]
    assert wrong == []


def test_settings_that_do_not_fit_are_a_finding_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCTALLY_BATCH_SIZE", "many")
    assert run(["doctor", "--json"]) == ExitCode.USAGE
    [check] = json.loads(capsys.readouterr().out)["checks"]
    assert check["check"] == "settings" and "batch_size" in check["detail"]


def test_every_check_is_in_the_manual() -> None:
    from doctally.cli.checks import _CHECKS

    manual = (Path(__file__).parent.parent / "docs/watching.md").read_text()
    assert [name for name in _CHECKS if f"| `{name}` |" not in manual] == []


def test_a_server_with_a_log_in_is_opened_and_the_runner_knows_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.server import check_exposure

    for host in ("127.0.0.1", "::1", "localhost"):
        check_exposure(host, {})
    check_exposure("0.0.0.0", {"PREFECT_SERVER_API_AUTH_STRING": "me:secret"})
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "me:secret")
    client = client_environment(settings.home, Address("0.0.0.0", 4200))
    assert client["PREFECT_API_AUTH_STRING"] == "me:secret"
