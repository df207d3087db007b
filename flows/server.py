"""A Prefect server of our own: started as a child, with safe settings, stopped with us.

The child watches its standard input, a pipe whose other end only we hold: it ends when we end,
even by SIGKILL, so that no server is left behind holding the port.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from doctally.errors import AccessDenied, ConfigurationError

START_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 8.0
KEEP_ALIVE_S = 60
"""Longer than the runner's pauses: a connection must not end just as it asks again."""
KEEP_DAYS = 30
_DAY_S = 86_400


class PortTaken(AccessDenied):
    """Another program listens on the port."""

    code = "port_taken"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int
    scheme: str = "http"
    base: str = ""

    @property
    def ui(self) -> str:
        """Return the address a browser on this machine opens."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104
        named = f"[{host}]" if ":" in host else host
        return f"{self.scheme}://{named}:{self.port}{self.base}"

    @property
    def api(self) -> str:
        """Return the address of the API, as PREFECT_API_URL wants it."""
        return f"{self.ui}/api"


def server_environment(home: Path, address: Address) -> dict[str, str]:
    """Return the settings of a server under ``home``: private, bounded, quick on SQLite."""
    services = "PREFECT_SERVER_SERVICES_"
    keep = str(KEEP_DAYS * _DAY_S)
    return {
        **client_environment(home, address),
        "PREFECT_SERVER_API_HOST": address.host,
        "PREFECT_SERVER_API_PORT": str(address.port),
        "PREFECT_SERVER_UI_API_URL": address.api,
        # The V2 page fetches an outside script, the first one works without the Internet.
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": address.ui,
        # In memory, a killed run's slot stays taken over a restart.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
            "prefect.server.concurrency.lease_storage.filesystem"
        ),
        # SQLite answered 503 after 300 task runs in a row without these.
        f"{services}TASK_RUN_RECORDER_BATCH_SIZE": "100",
        f"{services}TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
        f"{services}TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        f"{services}EVENT_PERSISTER_BATCH_SIZE": "100",
        f"{services}EVENT_PERSISTER_READ_BATCH_SIZE": "50",
        f"{services}EVENT_PERSISTER_FLUSH_INTERVAL": "1",
        f"{services}TRIGGERS_READ_BATCH_SIZE": "50",
        # Only events are vacuumed by default; runs, logs and artifacts grow without bound.
        f"{services}DB_VACUUM_ENABLED": "events,flow_runs,orphans",
        f"{services}DB_VACUUM_RETENTION_PERIOD": keep,
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }


def client_environment(home: Path, address: Address) -> dict[str, str]:
    """Return the settings of a process that runs flows against the server at ``address``."""
    own = os.environ.get("PREFECT_SERVER_API_AUTH_STRING")
    return {
        **({"PREFECT_API_AUTH_STRING": own} if own else {}),
        "PREFECT_HOME": str((home / "prefect").resolve()),
        "PREFECT_API_URL": address.api,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # The default, cloudpickle, would put executable bytes into readable files.
        "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_CLI_PROMPT": "false",
    }


def check_exposure(host: str, environment: Mapping[str, str]) -> None:
    """Raise ConfigurationError if others could reach the server and nobody logs in."""
    if not only_here(host) and not environment.get("PREFECT_SERVER_API_AUTH_STRING"):
        raise ConfigurationError(
            f"the Prefect server is not opened beyond this machine ({host}) as long as anybody "
            "could use it; set PREFECT_SERVER_API_AUTH_STRING=USER:PASSWORD, which its page asks "
            "for, or leave DOCTALLY_HOST and put a proxy with a log-in before it",
            code="user_needed",
        )


def only_here(host: str) -> bool:
    """Tell whether an address to bind to can be reached from this machine only."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def free_address(host: str, port: int, *, search: int = 0) -> Address:
    """Return the address if it is free, else the first free of the next ``search`` ports.

    Raises PortTaken, or ConfigurationError for a host this machine does not have.
    """
    for candidate in range(port, min(port + search, 65_535) + 1):
        try:
            family = socket.getaddrinfo(host, candidate, type=socket.SOCK_STREAM)[0][0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, candidate))
        except socket.gaierror as error:
            raise ConfigurationError(f"host {host!r}: {error.strerror}") from error
        except PermissionError as error:
            raise AccessDenied(f"port {candidate} needs more rights; choose one > 1023") from error
        except OSError:
            continue
        return Address(host, candidate)
    raise PortTaken(
        f"port {port} on {host} is taken, perhaps by another doctally or Prefect server; "
        "stop it or set another one: DOCTALLY_PORT=4201"
    )


@contextlib.contextmanager
def running_server(home: Path, address: Address) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server and wait until it answers; stop it at the end.

    Raises ConfigurationError with the end of its log when it does not come up.
    """
    child = start(home, address)
    try:
        wait_until_healthy(child, home, address)
        yield child
    finally:
        stop(child)


def start(home: Path, address: Address) -> subprocess.Popen[bytes]:
    """Return the server's process; it is not ready yet (``wait_until_healthy``)."""
    log = log_path(home)
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("ab") as sink:
        return subprocess.Popen(  # noqa: S603  our own module, our own arguments
            [sys.executable, "-m", "flows.server", address.host, str(address.port)],
            env=_environment(server_environment(home, address)),
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=sink,
            start_new_session=True,  # Ctrl-C reaches us; we stop the server when we are ready
        )


def log_path(home: Path) -> Path:
    """Return the file that holds what the server prints."""
    return home / "prefect" / "server.log"


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_API_")}
    return {**kept, **extra}


def healthy(address: Address) -> bool:
    """Tell whether a Prefect server answers at the address."""
    try:
        with urllib.request.urlopen(f"{address.api}/health", timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def wait_until_healthy(
    child: subprocess.Popen[bytes],
    home: Path,
    address: Address,
    *,
    timeout_s: float = START_TIMEOUT_S,
) -> None:
    """Return once the server answers; raises ConfigurationError when it ends or takes too long."""
    deadline = time.monotonic() + timeout_s
    while not healthy(address):
        if child.poll() is not None or time.monotonic() > deadline:
            tail = log_path(home).read_text(errors="replace").strip().splitlines()[-5:]
            raise ConfigurationError(
                f"the Prefect server did not start; {log_path(home)} ends:\n" + "\n".join(tail)
            )
        time.sleep(0.1)


def stop(child: subprocess.Popen[bytes]) -> None:
    """End the server: politely, then by force after a few seconds."""
    if child.stdin:
        with contextlib.suppress(OSError):
            child.stdin.close()
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        try:
            child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _end_with_parent() -> None:
    # Returns at the end of file: nobody holds the other end any more. Not sys.stdin, whose lock
    # this thread would still hold when the interpreter ends.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_TIMEOUT_S)
    os._exit(1)


def _serve(host: str, port: int) -> None:
    import uvicorn
    from prefect.server.api.server import create_app

    import flows.mailing  # noqa: F401  the server can send through its block

    threading.Thread(target=_end_with_parent, daemon=True).start()
    uvicorn.run(
        create_app(final=True),
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=KEEP_ALIVE_S,
    )


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
