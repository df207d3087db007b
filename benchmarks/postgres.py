"""A PostgreSQL server of our own for benchmarks: in a folder, on a Unix socket, killed at will."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg


class Server:
    """A server; raises FileNotFoundError without initdb and postgres on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = _programs()
        self._user: dict[str, object] = {}
        folder.mkdir(parents=True)
        if os.getuid() == 0:  # PostgreSQL refuses root
            who = pwd.getpwnam("postgres")
            os.chown(folder, who.pw_uid, who.pw_gid)
            self._user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        self._listen = ""
        arguments = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "doctally")
        self._run("initdb", "-D", "data", *arguments)
        self._process = self._started()

    def url(self, database: str) -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://doctally@/{database}?host={self._folder}"

    def listen(self, host: str) -> None:
        """Take connections over the network, too, at this address: from anybody, so be careful."""
        with (self._folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write("host all all all trust\n")
        self._listen = host
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
        self._process = self._started()

    def address(self, database: str) -> str:
        """Return the URL of a database of this server over the network."""
        return f"postgresql://doctally@{self._listen}/{database}"

    def create(self, database: str) -> str:
        """Return the URL of a new, empty database."""
        self.execute(f"CREATE DATABASE {database}")
        return self.url(database)

    def execute(self, statement: str) -> int:
        """Return how many rows a statement gave or changed."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            return connection.execute(statement).rowcount

    def cut(self, database: str) -> int:
        """End every connection to a database; return how many there were."""
        return self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{database}' AND pid <> pg_backend_pid()"
        )

    def processor(self) -> float:
        """Return the processor seconds of the server, of backends that have ended as well."""
        tick, spent = os.sysconf("SC_CLK_TCK"), 0
        family = {self._process.pid}
        for entry in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
            try:
                words = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(words[1]) in family or int(entry.name) in family:
                own = int(entry.name) == self._process.pid
                spent += sum(map(int, words[11:15] if own else words[11:13]))
        return spent / tick

    def crash(self) -> None:
        """Kill the server, and start it again after a second: it recovers from its log."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()
        time.sleep(1)
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        self._process = self._started()

    def stop(self) -> None:
        """End it and remove its folder."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _started(self) -> subprocess.Popen[bytes]:
        options = ("-c", f"listen_addresses={self._listen}", "-k", str(self._folder))
        process = subprocess.Popen(
            [self._programs / "postgres", "-D", "data", *options],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=(self._folder / "log").open("ab"),
            **self._user,  # type: ignore[call-overload]
        )
        for _ in range(600):
            try:
                psycopg.connect(self.url("postgres")).close()
                return process
            except psycopg.OperationalError:
                if process.poll() is not None:
                    break
                time.sleep(0.1)
        tail = (self._folder / "log").read_text()[-500:]
        raise RuntimeError(f"the PostgreSQL server does not start: {tail}")

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._programs / program, *arguments]
        subprocess.run(  # type: ignore[call-overload]
            command, check=True, cwd=self._folder, stdout=subprocess.DEVNULL, **self._user
        )


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("postgres")
    found += [Path(on_path).parent] if on_path else []
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise FileNotFoundError("no PostgreSQL server is installed (Debian: postgresql)")
