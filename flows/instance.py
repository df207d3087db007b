"""One working process per home: the lock that makes double runs impossible."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doctally.errors import AccessDenied

LOCK_NAME = ".doctally.lock"


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
    path = home / LOCK_NAME
    if home in _held:
        raise AlreadyRunning(f"this process already works on {home}")
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise AccessDenied(f"{path}: {error.strerror}") from error
    try:
        try:
            # A record lock, not flock: a forked reader that outlives us must not inherit it.
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            who = os.pread(handle, 200, 0).decode(errors="replace").strip() or "another process"
            raise AlreadyRunning(
                f"{who} already works on {home}; drop files into its inbox, or stop it first"
            ) from error
        crashed = os.fstat(handle).st_size > 0
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        _held.add(home)
        try:
            yield crashed
        finally:
            _held.discard(home)
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def owner_of(home: Path) -> str:
    """Return the name under which this home claims documents, the same after a restart."""
    return f"{socket.gethostname()}:{home.resolve()}"[-200:]
