"""Who works on a home: one process, or so many as the settings allow, each in a seat of its own.

Alone, the lock makes double runs impossible. Sharing a home needs PostgreSQL: there every document
is claimed once, whoever sees its file (``db.claims``). The locks only tell the processes of one
machine from each other, so they need not reach over a network share: what a machine left behind is
taken over when its claims end.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from doctally.errors import AccessDenied

LOCK_NAME = ".doctally.lock"
MOST_WORKERS = 64
"""Seats of a home on one machine."""


_held: set[Path] = set()


class AlreadyRunning(AccessDenied):
    """Another process works on this home."""

    code = "already_running"


@contextmanager
def only_instance(home: Path) -> Iterator[bool]:
    """Hold the home's lock; give whether the last holder died without letting go.

    Raises AlreadyRunning with who has it, AccessDenied. The kernel frees the lock when the
    process ends, however it ends; only a proper end also empties the file.
    """
    home = home.resolve()
    if home in _held:
        raise AlreadyRunning(f"this process already works on {home}")
    with _opened(home / LOCK_NAME) as handle:
        _lock(handle, fcntl.LOCK_EX, home)
        crashed = os.fstat(handle).st_size > 0
        _sign(handle)
        _held.add(home)
        try:
            yield crashed
        finally:
            _held.discard(home)
            os.ftruncate(handle, 0)


@dataclass(frozen=True, slots=True)
class Seat:
    """A process's place at a home; ``number`` 0: it is alone there.

    ``crashed`` tells whether the one who had it last died there. Under ``owner`` it claims
    documents; ``left`` are owners on this machine that surely do not run now.
    """

    number: int
    crashed: bool
    owner: str
    left: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return a short name for files of this seat only, empty for the one who is alone."""
        return key_of(self.owner) if self.number else ""


@contextmanager
def seated(home: Path, *, workers: int = 1) -> Iterator[Seat]:
    """Hold a place at the home: the only one, or the first that is free of so many.

    Raises AlreadyRunning when somebody is there alone, or all places are taken; AccessDenied.
    """
    home = home.resolve()
    alone = owner_of(home)
    places = tuple(f"{alone}#{number}" for number in range(1, MOST_WORKERS + 1))
    if workers == 1:
        with only_instance(home) as crashed:
            yield Seat(0, crashed, alone, places)
        return
    if home in _held:
        raise AlreadyRunning(f"this process already works on {home}")
    with _opened(home / LOCK_NAME) as together:
        _lock(together, fcntl.LOCK_SH, home)
        for number, owner in enumerate(places[:workers], start=1):
            with _opened(home / f".doctally.{socket.gethostname()}.{number}.lock") as handle:
                try:
                    _lock(handle, fcntl.LOCK_EX, home)
                except AlreadyRunning:
                    continue
                crashed = os.fstat(handle).st_size > 0
                _sign(handle)
                _held.add(home)
                try:
                    yield Seat(number, crashed, owner, (alone,))
                finally:
                    _held.discard(home)
                    os.ftruncate(handle, 0)
                return
    raise AlreadyRunning(
        f"{workers} processes of this machine already work on {home}; more with DOCTALLY_WORKERS"
    )


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise AccessDenied(f"{path}: {error.strerror}") from error
    try:
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, how: int, home: Path) -> None:
    """Lock the file or raise AlreadyRunning, with who has it."""
    try:
        # A record lock, not flock: a forked reader that outlives us must not inherit it.
        fcntl.lockf(handle, how | fcntl.LOCK_NB)
    except OSError as error:
        who = os.pread(handle, 200, 0).decode(errors="replace").strip() or "another process"
        raise AlreadyRunning(
            f"{who} already works on {home}; drop files into its inbox, or stop it first"
        ) from error


def _sign(handle: int) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)


def key_of(owner: str) -> str:
    """Return a short name for an owner, fit for a file's name."""
    return hashlib.sha256(owner.encode()).hexdigest()[:12]


def owner_of(home: Path) -> str:
    """Return the name under which this home claims documents, the same after a restart."""
    return f"{socket.gethostname()}:{home.resolve()}"[-190:]
