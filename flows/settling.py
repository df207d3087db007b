"""When a file in the inbox is complete, and what its fingerprint is.

A file is complete when nothing wrote to it for ``settle_s``: either its times say so (ctime
cannot be set back by a copy that keeps mtime), or two looks that far apart saw the same size
and times (the clocks of a network share may be wrong). On Linux the kernel is asked as well
whether somebody still has it open for writing, for writers slower than that.

Where the kernel says that nobody writes to it, and the end of the file says that it is whole
(``extractors.ending``), a fifth of that time is enough: a copy that stopped has no such end, and
a program that writes on has it open. NOT handled: a program that closes a whole document and opens
it again after that fifth to write on; it should write under an ignored name, or ``settle_s`` grow.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from extractors.ending import is_whole
from flows.folders import Found

QUICK = 0.2
"""Of ``settle_s``, for a file that says that it is whole and that nobody writes to."""

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
        self.soonest_s = settle_s
        """So long after the latest look the first of the waiting files may be complete."""

    def look(self) -> None:
        """Begin a look at all files."""
        self.soonest_s = self._settle_s

    def complete(self, found: Found, *, wall: float, steady: float) -> bool:
        """Tell whether the file is complete; ``wall`` is the time, ``steady`` a monotonic clock."""
        mark = (found.size, found.mtime_ns, found.ctime_ns)
        before = self._seen.get(found.path)
        if before is None or before[0] != mark:
            before = self._seen[found.path] = (mark, steady)
        changed = max(found.mtime_ns, found.ctime_ns) / 1e9
        quiet = max(wall - changed, steady - before[1])
        if quiet >= self._settle_s:
            return _writers(found.path) is not Writers.SOME
        if quiet < self._settle_s * QUICK:
            self.soonest_s = min(self.soonest_s, self._settle_s * QUICK - quiet)
            return False
        if _writers(found.path) is Writers.NONE and _whole(found.path):
            return True
        self.soonest_s = min(self.soonest_s, self._settle_s - quiet)
        return False

    def forget_all_but(self, paths: Iterable[Path]) -> None:
        """Drop what is remembered of files that are gone."""
        keep = set(paths)
        self._seen = {path: seen for path, seen in self._seen.items() if path in keep}


class Writers(Enum):
    """Who has a file open for writing, as far as the kernel tells."""

    NONE = "nobody"
    SOME = "somebody"
    UNKNOWN = "it does not tell"


def _writers(path: Path) -> Writers:
    if sys.platform != "linux":
        return Writers.UNKNOWN
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return Writers.UNKNOWN  # the fingerprint will name the reason
    try:
        # A read lease is granted only while nobody has the file open for writing: fcntl(2).
        # A writer that comes in between is announced by SIGIO, which would end us: take SIGURG.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:  # others than EAGAIN: a file system or owner without leases
        return Writers.SOME if error.errno == errno.EAGAIN else Writers.UNKNOWN
    finally:
        os.close(handle)
    return Writers.NONE


def _whole(path: Path) -> bool:
    try:
        return is_whole(path)
    except OSError:
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
