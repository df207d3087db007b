"""Database trouble says what is wrong and what to do, and never tells a password."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from databases import administer, locked_user, postgres_server
from sqlalchemy import text

from db import documents, engine
from db.claims import Incoming
from db.database import open_database
from db.errors import TRANSIENT
from db.upkeep import tidy
from doctally.errors import AccessDenied, ConfigurationError, DoctallyError

NOW = datetime(2024, 5, 1, tzinfo=UTC)
SECRET = "s3cr3t-p4ss"


def _refused(url: str) -> DoctallyError:
    with pytest.raises(DoctallyError) as caught:
        open_database(url)
    return caught.value


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "is not a URL"),
        (f"postgresql//user:{SECRET}@host/x", "is not a URL"),
        (f"postgresql://user:{SECRET}@host:port/x", "is not a URL"),
        (f"mysql://user:{SECRET}@host/x", "'mysql' are not supported"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
    ],
)
def test_a_url_that_we_cannot_open_is_a_configuration_error(url: str, sentence: str) -> None:
    error = _refused(url)
    assert isinstance(error, ConfigurationError)
    assert sentence in error.message
    assert SECRET not in "".join(traceback.format_exception(error))


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("These are my notes, not a database at all. " * 40)
    error = _refused(f"sqlite:///{file}")
    assert isinstance(error, ConfigurationError)
    assert error.code == "database_broken"
    assert str(file) in error.message
    assert file.read_text().startswith("These are my notes")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    error = _refused(f"sqlite:///{tmp_path}/file/x.db")
    assert isinstance(error, AccessDenied)
    assert "its folder cannot be made: File exists" in error.message


AS_NOBODY = """
import os, sys
from db.database import open_database
from doctally.errors import AccessDenied
open_database(sys.argv[2]).close()  # all modules are loaded before the rights are given up
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    open_database(sys.argv[1])
except AccessDenied as error:
    print(error.code, error.message)
"""


@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_a_folder_without_permission_is_denied(tmp_path: Path, mode: int) -> None:
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o755)
        folder = Path(parent) / "kept"
        folder.mkdir()
        folder.chmod(mode)
        path = os.pathsep.join(p for p in sys.path if p)
        run = subprocess.run(
            [
                sys.executable,
                "-c",
                AS_NOBODY,
                f"sqlite:///{folder}/x.db",
                f"sqlite:///{tmp_path}/x",
            ],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
        )
        folder.chmod(0o700)
    wanted = f"database_denied database {folder}/x.db: check the user's rights"
    assert run.stdout.startswith(wanted), run.stderr


def test_a_lock_held_too_long_is_transient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_S", 0.05)
    file = tmp_path / "x.db"
    with open_database(f"sqlite:///{file}") as database:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AccessDenied, match="another process holds the lock") as caught:
            documents.relocate(database, 1, "x")
        assert caught.value.code in TRANSIENT
        assert documents.counts(database) == {}
        other.execute("ROLLBACK")
        documents.relocate(database, 1, "x")


def test_a_writer_waits_for_another_one(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    with open_database(f"sqlite:///{file}") as database:
        other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, other.execute, ["ROLLBACK"])
        release.start()
        entry = Incoming("a" * 64, "x.pdf", (), 1)
        assert len(documents.claim(database, [entry], owner="a", now=NOW, lease_s=1)) == 1
        release.join()


def test_a_full_disk_says_so_and_keeps_what_was_there(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path}/x.db") as database:
        entries = [Incoming(f"{n:064x}", "x" * 200, (), 1) for n in range(2000)]
        documents.claim(database, entries[:1], owner="a", now=NOW, lease_s=1)
        with database.read() as session:
            pages = session.execute(text("PRAGMA page_count")).scalar_one()
            session.execute(text(f"PRAGMA max_page_count = {pages + 5}"))
        with pytest.raises(AccessDenied, match="the disk is full") as caught:
            documents.claim(database, entries[1:], owner="a", now=NOW, lease_s=1)
        assert caught.value.code == "disk_full"
        assert sum(documents.counts(database).values()) == 1


def test_a_fault_of_the_program_is_not_disguised_as_trouble_with_the_database(
    tmp_path: Path,
) -> None:
    from sqlalchemy.exc import OperationalError

    with (
        open_database(f"sqlite:///{tmp_path}/x.db") as database,
        pytest.raises(OperationalError, match="no such table"),
        database.read() as session,
    ):
        session.execute(text("SELECT * FROM nowhere"))


@pytest.mark.postgres
def test_a_missing_postgresql_database_is_a_configuration_error() -> None:
    url = postgres_server().set(database="nowhere_to_be_found")
    error = _refused(url.render_as_string(hide_password=False))
    assert isinstance(error, ConfigurationError)
    assert error.code == "database_missing"
    assert "createdb" in error.message


@pytest.mark.postgres
def test_a_refused_password_is_not_told() -> None:
    if os.environ.get("DOCTALLY_TEST_POSTGRES_URL"):
        pytest.skip("the server given may trust everyone")
    user = locked_user("another")
    for url in (
        user.set(password=SECRET),
        user.update_query_dict({"password": SECRET}),
        user,
    ):
        error = _refused(url.render_as_string(hide_password=False))
        assert isinstance(error, AccessDenied)
        assert error.code == "database_denied"
        assert "refuses this user or password" in error.message
        assert SECRET not in "".join(traceback.format_exception(error))


@pytest.mark.postgres
def test_a_user_without_rights_is_denied() -> None:
    server = postgres_server()
    name = f"doctally_rights_{uuid4().hex[:8]}"
    administer(f"CREATE DATABASE {name}")
    administer(f"CREATE ROLE {name} LOGIN")
    try:
        error = _refused(server.set(username=name, database=name).render_as_string())
        assert error.code == "database_denied"
    finally:
        administer(f"DROP DATABASE {name} WITH (FORCE)")
        administer(f"DROP ROLE {name}")


@pytest.mark.postgres
def test_a_server_that_is_not_there_is_transient(tmp_path: Path) -> None:
    for where in (f"@/x?host={tmp_path}", "@127.0.0.1:9/x?connect_timeout=2"):
        error = _refused(f"postgresql://user:{SECRET}{where}")
        assert isinstance(error, AccessDenied)
        assert error.code in TRANSIENT
        assert SECRET not in "".join(traceback.format_exception(error))


@pytest.mark.postgres
def test_a_connection_asks_after_the_other_end_and_a_url_may_say_how_often() -> None:
    url = postgres_server()
    for given, idle in ((url, "30"), (url.update_query_dict({"keepalives_idle": "7"}), "7")):
        made = engine.connected(engine.parsed(given.render_as_string(hide_password=False)))
        with made.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            told = driver.info.get_parameters()
            assert connection.execute(text("SHOW application_name")).scalar() == "doctally"
        made.dispose()
        assert (told["keepalives_idle"], told["tcp_user_timeout"]) == (idle, "60000")


@pytest.mark.postgres
def test_a_connection_that_the_server_cuts_is_transient_and_the_next_call_works() -> None:
    name = f"doctally_cut_{uuid4().hex[:8]}"
    administer(f"CREATE DATABASE {name}")
    url = postgres_server().set(database=name).render_as_string(hide_password=False)
    kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    with open_database(url) as database:
        with pytest.raises(AccessDenied) as caught, database.read() as session:
            session.execute(text("SELECT 1"))
            administer(kill)
            session.execute(text("SELECT 1"))
        assert caught.value.code in TRANSIENT
        assert documents.counts(database) == {}
    administer(f"DROP DATABASE {name} WITH (FORCE)")


def test_upkeep_of_a_file_that_is_damaged_meanwhile_names_it(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    with open_database(f"sqlite:///{file}") as database:
        database.engine.dispose()
        for part in tmp_path.glob("x.db-*"):
            part.unlink()
        file.write_bytes(b"no database any more " * 400)
        with pytest.raises(ConfigurationError) as caught:
            tidy(database)
    assert caught.value.code == "database_broken"
    assert str(file) in caught.value.message
