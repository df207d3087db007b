"""Fixtures that run a test on SQLite and on a real PostgreSQL server.

The server is ours: made in a temporary folder, reachable by a Unix socket only, run as another
user where we are root (PostgreSQL refuses root), gone with the tests. It is looked for with
``pg_config``, under /usr/lib/postgresql and on the PATH; DOCTALLY_TEST_POSTGRES_URL names a
server to use instead. Without one the tests skip, on CI they fail.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL, make_url

from db.database import Database, open_database

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
INITDB = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
LOCKED = "locked"  # the user for whom our server asks a password
QUICK = ("fsync", "full_page_writes", "synchronous_commit")  # a test server may forget


def binaries() -> Path | None:
    """Return the folder of initdb and postgres, None without a server."""
    found = []
    if shutil.which("pg_config"):
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True)
        found.append(Path(told.stdout.strip()))
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("postgres")
    found += [Path(on_path).parent] if on_path else []
    return next((p for p in found if (p / "initdb").exists() and (p / "postgres").exists()), None)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG; SIGINT: a fast shutdown


@cache
def server() -> str | URL:
    """Return the URL of a server where we may create databases, or why there is none."""
    given = os.environ.get("DOCTALLY_TEST_POSTGRES_URL")
    if given:
        return make_url(given).set(drivername="postgresql")
    programs = binaries()
    if programs is None:
        return "no PostgreSQL server is installed (Debian: apt-get install postgresql)"
    folder = Path(tempfile.mkdtemp(prefix="dtpg"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    who = pwd.getpwuid(os.getuid())
    if os.getuid() == 0:
        who = pwd.getpwnam("postgres")
        os.chown(folder, who.pw_uid, who.pw_gid)
    user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "doctally", *INITDB],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        **user,
    )
    rules = data / "pg_hba.conf"
    rules.write_text(f"local all {LOCKED} scram-sha-256\n{rules.read_text()}")
    options = ["-c", "listen_addresses=", "-k", str(folder), "-c", "max_connections=60"]
    options += [part for name in QUICK for part in ("-c", f"{name}=off")]
    process = subprocess.Popen(
        [programs / "postgres", "-D", data, *options],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("wb"),
        preexec_fn=_die_with_parent,
        **user,
    )
    atexit.register(_stop, process)
    url = URL.create("postgresql", "doctally", database="postgres", query={"host": str(folder)})
    return _wait(url, process, folder / "log")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)


def _wait(url: URL, process: subprocess.Popen[bytes], log: Path) -> str | URL:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            psycopg.connect(url.render_as_string(hide_password=False)).close()
            return url
        except psycopg.OperationalError:
            time.sleep(0.1)
    return f"the PostgreSQL server does not start: {log.read_text()[-500:]}"


def postgres_server() -> URL:
    """Return the server's URL; skips the test without one, fails it on CI."""
    found = server()
    if isinstance(found, URL):
        return found
    if os.environ.get("CI"):
        pytest.fail(found)
    pytest.skip(found)


def administer(statement: str) -> None:
    """Execute a statement on the server."""
    url = postgres_server().render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def locked_user(password: str) -> URL:
    """Return the server's URL for the user who is asked for the password, made anew."""
    url = postgres_server()
    administer(f"DROP ROLE IF EXISTS {LOCKED}")
    administer(f"CREATE ROLE {LOCKED} LOGIN PASSWORD '{password}'")
    return url.set(username=LOCKED)


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@cache
def _migrated(dialect: str) -> str:
    """Return the URL of a database at head that new ones are copied from."""
    if dialect == "sqlite":
        folder = tempfile.mkdtemp(prefix="dtsq")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        url = f"sqlite:///{folder}/template.db"
    else:
        name = f"doctally_template_{uuid4().hex[:8]}"
        administer(f"CREATE DATABASE {name}")
        url = _text(postgres_server().set(database=name))
        if os.environ.get("DOCTALLY_TEST_POSTGRES_URL"):
            atexit.register(administer, f"DROP DATABASE {name} WITH (FORCE)")
    open_database(url).close()
    return url


def _made(dialect: str, folder: Path, template: Callable[[], str] | None) -> Iterator[str]:
    if dialect == "sqlite":
        file = folder / "doctally.db"
        if template:
            shutil.copy(str(make_url(template()).database), file)
        yield f"sqlite:///{file}"
        return
    name = f"doctally_test_{uuid4().hex[:12]}"
    copied = f" TEMPLATE {make_url(template()).database}" if template else ""
    administer(f"CREATE DATABASE {name}{copied}")
    yield _text(postgres_server().set(database=name))
    administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a fresh database with all tables and no rows."""
    yield from _made(request.param, tmp_path, lambda: _migrated(request.param))


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without any table."""
    yield from _made(request.param, tmp_path, None)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give an opened fresh database."""
    with open_database(database_url) as opened:
        yield opened
