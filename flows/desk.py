"""The review page beside the runner: a process of its own, started and stopped with us.

It is told by name only: the page stands above the flows and imports them, not the other way.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from doctally.errors import AccessDenied, ConfigurationError
from doctally.settings import Settings
from flows import server

MODULE = "doctally.review.serve"
START_TIMEOUT_S = 120.0
_AGAIN_S = 60.0

log = logging.getLogger("doctally.up")


class ReviewPage:
    """The child that serves the review page, on the host and free port of ``settings``.

    ``runs`` is the address of the Prefect UI, to which the page leads back.
    """

    def __init__(self, settings: Settings, *, runs: str = "") -> None:
        self.settings = settings
        self.runs = runs
        self._home = settings.home.resolve()
        self._started = time.monotonic()
        self._child = self._start()

    @property
    def log_path(self) -> Path:
        """Return the file that holds what the page's process prints."""
        return self._home / "review-page" / "server.log"

    def wait(self) -> None:
        """Return once the page answers; raises ConfigurationError when it ends or takes too long.

        The error tells what the page said, for example that it wants a user before it opens.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._child.poll() is not None or time.monotonic() > deadline:
                tail = self.log_path.read_text(errors="replace").strip().splitlines()[-3:]
                raise ConfigurationError("the review page did not start: " + "\n".join(tail))
            time.sleep(0.1)

    def revive(self) -> None:
        """Start the page again if it has ended, at most once a minute."""
        if self._child.poll() is None or time.monotonic() - self._started < _AGAIN_S:
            return
        code = self._child.returncode
        log.warning("the review page ended (code %s); starting it again", code)
        self._started = time.monotonic()
        self._child = self._start()

    def stop(self) -> None:
        """End the page's process."""
        server.stop(self._child)

    def _start(self) -> subprocess.Popen[bytes]:
        self.log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        given = {
            "DOCTALLY_HOME": str(self._home),
            "DOCTALLY_DATABASE_URL": self.settings.url,
            "DOCTALLY_REVIEW_HOST": self.settings.review_host,
            "DOCTALLY_REVIEW_PORT": str(self.settings.review_port),
            "PREFECT_UI_URL": self.runs,
        }
        with self.log_path.open("ab") as sink:
            return subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", MODULE, "--child"],
                env={**os.environ, **given},
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=sink,
                start_new_session=True,  # Ctrl-C reaches us; we stop it when we are ready
            )

    def _answers(self) -> bool:
        where = (self.settings.review_host or "127.0.0.1", self.settings.review_port)
        with contextlib.suppress(OSError), socket.create_connection(where, timeout=1):
            return True
        return False


def with_free_port(settings: Settings, *, search: int = 0) -> Settings:
    """Return the settings with the page's port, or the next free of ``search`` further ones.

    Raises AccessDenied (port_taken).
    """
    try:
        found = server.free_address(settings.review_host, settings.review_port, search=search)
    except server.PortTaken as error:
        raise AccessDenied(
            f"port {settings.review_port} of the review page is taken; "
            "set another one: DOCTALLY_REVIEW_PORT=4301",
            code="port_taken",
        ) from error
    return settings.model_copy(update={"review_port": found.port})
