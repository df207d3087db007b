"""When a file in the inbox is complete, and what its fingerprint is.

A file is complete when nothing wrote to it for ``settle_s``: either its times say so (ctime
cannot be set back by a copy that keeps mtime), or two looks that far apart saw the same size
and times (the clocks of a network share may be wrong). On Linux the kernel is asked as well
whether somebody still has it open for writing, for writers slower than that.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flows.folders import Found

if sys.platform == "linux":
    import fcntl
    import signal


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The SHA-256 (hexadecimal) and size in bytes of a file's content, and which file it is."""

    sha256: str
    size: int
    file_id: str = ""


class Settling:
    """What earlier looks at the inbox saw, to tell complete files from growing ones."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._seen: dict[Path, tuple[tuple[int, int, int], float]] = {}

    def complete(self, found: Found, *, wall: float, steady: float) -> bool:
        """Tell whether the file is complete; ``wall`` is the time, ``steady`` a monotonic clock."""
        mark = (found.size, found.mtime_ns, found.ctime_ns)
        before = self._seen.get(found.path)
        if before is None or before[0] != mark:
            before = self._seen[found.path] = (mark, steady)
        changed = max(found.mtime_ns, found.ctime_ns) / 1e9
        quiet = wall - changed >= self._settle_s or steady - before[1] >= self._settle_s
        return quiet and not _being_written(found.path)

    def forget_all_but(self, paths: Iterable[Path]) -> None:
        """Drop what is remembered of files that are gone."""
        keep = set(paths)
        self._seen = {path: seen for path, seen in self._seen.items() if path in keep}


def _being_written(path: Path) -> bool:
    if sys.platform != "linux":
        return False
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False  # the fingerprint will name the reason
    try:
        # A read lease is granted only while nobody has the file open for writing: fcntl(2).
        # A writer that comes in between is announced by SIGIO, which would end us: take SIGURG.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN  # others: a file system or owner without leases
    finally:
        os.close(handle)
    return False


def fingerprint(path: Path) -> Fingerprint | None:
    """Return the content's fingerprint, None when the file changed or left meanwhile.

    Raises PermissionError and other OSErrors of a file that cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return None
    return Fingerprint(digest, after.st_size, f"{after.st_dev}:{after.st_ino}:{after.st_mtime_ns}")
