"""``doctally up``: a Prefect server of our own and the warm runner, started and stopped together.

``watch`` is the same against a server that is there already (PREFECT_API_URL).
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from doctally.errors import AccessDenied, ConfigurationError
from doctally.settings import Settings
from flows import server
from flows.announce import changes
from flows.batch import Batch
from flows.desk import ReviewPage, with_free_port
from flows.distant import Distant
from flows.home import Home, open_home
from flows.server import Address
from flows.target import check_address, target_of

PORTS_TO_TRY = 20
STOP_S = 20.0
"""So long an end may take; then the process ends as it is: what is in work is taken up again."""
TELL_S = 5.0
"""So long the server, which ends after us, is told what it has not heard yet."""
QUIET = {
    # The runner says what happened in its own words; Prefect's go to its UI only.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
}

log = logging.getLogger("doctally.up")


class Audience(Protocol):
    """Who watches the runner start and work."""

    def starting(self, what: str) -> None:
        """Hear what is being started."""

    def ready(self, home: Home, address: Address, review: str | None) -> None:
        """Hear that documents can be dropped now; ``review`` is the review page's address."""

    def finished(self, batch: Batch) -> None:
        """Hear of a finished batch."""


class OwnServer:
    """The child process of a home folder, started again when it died."""

    def __init__(self, where: Path, address: Address) -> None:
        self._where = where
        self._address = address
        self._child = server.start(self._where, address)

    def wait(self) -> None:
        """Return once it answers, started once more if it ended; raises ConfigurationError."""
        try:
            self._until_healthy()
        except ConfigurationError:
            if self._child.poll() is None or not self.revive():
                raise

    def _until_healthy(self) -> None:
        server.wait_until_healthy(self._child, self._where, self._address)

    def revive(self) -> bool:
        """Tell whether our own server runs, after starting it again if it had ended."""
        if self._child.poll() is None:
            return True
        log.warning("the Prefect server ended (code %s); starting it again", self._child.returncode)
        self._child = server.start(self._where, self._address)
        with contextlib.suppress(ConfigurationError):
            self._until_healthy()
        return self._child.poll() is None

    def stop(self) -> None:
        """End it."""
        server.stop(self._child)


def up(
    settings: Settings,
    audience: Audience,
    *,
    any_port: bool = False,
    prepare: Callable[[Home], None] | None = None,
    until_idle: bool = False,
) -> None:
    """Run server and runner until SIGINT or SIGTERM, or until idle.

    ``any_port`` takes the next free port; ``prepare`` is called when all is ready to work.
    Raises AlreadyRunning, PortTaken, AccessDenied, ConfigurationError.
    """
    _check_webhook(settings)
    server.check_exposure(settings.host, os.environ)
    given = settings
    search = PORTS_TO_TRY if any_port else 0
    if until_idle:  # nobody could look at it before it ends
        settings = settings.model_copy(update={"review": False})
    if settings.review:
        settings = with_free_port(settings, search=search)
    with open_home(settings) as home:
        _announce(home, given)
        address = server.free_address(settings.host, settings.port, search=search)
        environment = server.client_environment(home.folders.home, address)
        os.environ.update({**environment, **QUIET})
        audience.starting("Prefect server")
        child = OwnServer(home.folders.home, address)
        page: ReviewPage | None = None
        try:
            if settings.review:
                audience.starting("review page")
                page = ReviewPage(settings, runs=address.ui)
            audience.starting("model")
            _load(home)
            child.wait()
            if page is not None:
                page.wait()
            _serve(home, address, audience, child.revive, prepare, page=page, until_idle=until_idle)
        finally:
            if page is not None:
                page.stop()
            child.stop()


def watch(settings: Settings, audience: Audience, *, until_idle: bool = False) -> None:
    """Run the runner against the server of PREFECT_API_URL.

    Raises ConfigurationError without that address, AccessDenied when nobody answers there.
    """
    address = outside_server()
    _check_webhook(settings)
    os.environ.update(QUIET)
    with open_home(settings) as home:
        _announce(home, settings)
        if not server.healthy(address):
            raise AccessDenied(
                f"no Prefect server answers at {address.api}; start it, or use `doctally up`",
                code="server_unreachable",
            )
        audience.starting("model")
        _load(home)
        _serve(home, address, audience, None, None, until_idle=until_idle)


def _load(home: Home) -> None:
    """Load the model; a model server that is away is waited for, and said."""
    engine = home.engine()
    if isinstance(engine, Distant) and (trouble := engine.trouble()):
        log.warning("%s", trouble)


def _announce(home: Home, settings: Settings) -> None:
    """Say what is configured otherwise than at the last start."""
    for said in changes(home.folders.home, settings):
        log.warning("since the last start: %s", said)


def _check_webhook(settings: Settings) -> None:
    """Say what is wrong with it before anything is started; a name may be unknown for now."""
    target = target_of(settings)
    if target is not None:
        with contextlib.suppress(OSError):
            check_address(target)


def outside_server() -> Address:
    """Return the server that PREFECT_API_URL names; raises ConfigurationError without one."""
    url = os.environ.get("PREFECT_API_URL", "")
    parts = urlsplit(url)
    if not parts.hostname:
        raise ConfigurationError(
            "`watch` needs a Prefect server: set PREFECT_API_URL=http://HOST:4200/api, "
            "or use `doctally up`, which starts one"
        )
    default = 443 if parts.scheme == "https" else 80
    base = parts.path.removesuffix("/").removesuffix("/api")
    return Address(parts.hostname, parts.port or default, scheme=parts.scheme, base=base)


def _serve(
    home: Home,
    address: Address,
    audience: Audience,
    revive: Callable[[], bool] | None,
    prepare: Callable[[Home], None] | None,
    *,
    page: ReviewPage | None = None,
    until_idle: bool,
) -> None:
    # Prefect reads its settings when it is imported, so not before they are set.
    from prefect.events.worker import EventsWorker
    from prefect.exceptions import TerminationSignal
    from prefect.logging.handlers import APILogHandler

    from flows.runner import Runner

    def both() -> bool:
        if page is not None:
            page.revive()
        return revive is None or revive()

    async def main() -> None:
        runner = Runner(
            home,
            address,
            told=audience.finished,
            revive=both if revive is not None else None,
            target=target_of(home.settings),
        )
        if prepare is not None:
            prepare(home)
        audience.ready(home, address, page.settings.review_address if page else None)
        work = asyncio.create_task(runner.run(until_idle=until_idle))

        def stop(number: int) -> None:
            if stopped.is_set():
                if number == signal.SIGINT:  # a run in work repeats SIGTERM, nobody asked twice
                    os._exit(130)  # what is in work is taken up again at the next start
                return
            stopped.set()
            threading.Thread(target=_end_anyway, args=(STOP_S,), daemon=True).start()
            log.info("stopping; Ctrl-C again does not wait")
            runner.stop()
            home.abort()
            work.cancel()

        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop, number)
        with contextlib.suppress(asyncio.CancelledError):
            await work
        await APILogHandler.aflush()

    with contextlib.suppress(TerminationSignal):  # raised wherever SIGTERM met a run in work
        asyncio.run(main())
    # Later the server is away, and each event would be tried for a minute.
    EventsWorker.drain_all(timeout=TELL_S)


def _end_anyway(seconds: float) -> None:
    """End the process after so long if it has not ended by itself, and say where it hangs."""
    time.sleep(seconds)
    log.warning("did not end within %.0f s; ending as it is, it hangs here:", seconds)
    faulthandler.dump_traceback()
    os._exit(0)
