"""Checks of the machine around doctally: variables, memory, files, clock, where the home lies."""

from __future__ import annotations

import difflib
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from doctally.cli.finding import Doubt
from doctally.settings import Settings

LEAST_MEMORY_MB = 2000
LEAST_INODES = 10_000
LEAST_HANDLES = 512
LEAST_WATCHES = 1024
AHEAD_S = 300.0
REMOTE = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs"}
)
MOUNTS = Path("/proc/self/mounts")
WATCHES = Path("/proc/sys/fs/inotify/max_user_watches")
MEMORY = Path("/proc/meminfo")


def variables(_: Settings) -> str:
    """Look for variables that name no setting: they change nothing and nobody says so."""
    known = {f"DOCTALLY_{name.upper()}" for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    given = [name for name in os.environ if name.startswith("DOCTALLY_")]
    strange = [name for name in given if name not in known and name not in _OTHERS]
    if strange:
        raise Doubt("; ".join(map(_meant, strange)))
    return f"{len(given)} DOCTALLY_ variables, all known"


_OTHERS = frozenset({"DOCTALLY_TEST_POSTGRES_URL", "DOCTALLY_SHARED_DATA"})


def _meant(name: str) -> str:
    names = [f"DOCTALLY_{one.upper()}" for one in Settings.model_fields]
    close = difflib.get_close_matches(name, names, n=1)
    return f"{name} is no setting" + (f"; did you mean {close[0]}?" if close else "")


def memory(_: Settings) -> str:
    """Look whether a model and a reader fit."""
    free = next(
        int(line.split()[1]) // 1000
        for line in MEMORY.read_text().splitlines()
        if line.startswith("MemAvailable")
    )
    if free < LEAST_MEMORY_MB:
        raise Doubt(
            f"only {free} MB of memory are free; the model takes 1 GB, a scan up to 1.6 GB: "
            "stop something, or set DOCTALLY_READERS=1"
        )
    return f"{free / 1000:.1f} GB free"


def inodes(settings: Settings) -> str:
    """Look whether the file system takes more files: every document is one."""
    found = os.statvfs(existing(settings.home))
    if found.f_files and found.f_favail < LEAST_INODES:
        raise Doubt(f"room for {found.f_favail} more files only under {settings.home}; move some")
    return "room for many files" if found.f_files else "as many files as the disk holds"


def handles(_: Settings) -> str:
    """Look how many files the process may open."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < LEAST_HANDLES:
        raise Doubt(f"only {soft} open files are allowed; ulimit -n {LEAST_HANDLES} or more")
    return f"{soft} open files allowed"


def clock(settings: Settings) -> str:
    """Look for files of the future: the clock was set back, or is wrong now."""
    newest = max((path.stat().st_mtime for path in _recent(settings.home)), default=0.0)
    ahead = newest - time.time()
    if ahead > AHEAD_S:
        raise Doubt(
            f"a file of the home is {ahead / 3600:.1f} h in the future: the clock was set back, or "
            "runs wrong; documents go on, but dates of arrival and ages will be wrong"
        )
    return time.strftime("%Y-%m-%d %H:%M %Z")


def _recent(home: Path) -> Iterator[Path]:
    for folder in (home, home / "processed", home / "failed", home / "review"):
        if folder.is_dir():
            yield folder
            yield from (path for path in folder.iterdir() if path.is_file())


def place(settings: Settings) -> str:
    """Look whether the home lies on a share, where SQLite and native events do not work."""
    home = existing(settings.home)
    kind = _file_system(home)
    if kind not in REMOTE:
        return f"{home} is on {kind}"
    wrong = [] if settings.poll else ["set DOCTALLY_POLL=true, shares tell of no changes"]
    if settings.url.startswith("sqlite"):
        wrong.append("put the database elsewhere (DOCTALLY_DATABASE_URL), SQLite breaks on shares")
    if wrong:
        raise Doubt(f"{home} is a network share ({kind}): {'; '.join(wrong)}")
    return f"{home} is a network share ({kind}), polled"


def watching(settings: Settings) -> str:
    """Look whether the kernel still watches folders for us."""
    if settings.poll or not WATCHES.exists():
        return "the inbox is polled"
    most = int(WATCHES.read_text())
    if most < LEAST_WATCHES:
        raise Doubt(
            f"the kernel watches {most} folders only; sysctl fs.inotify.max_user_watches=65536, "
            "or DOCTALLY_POLL=true"
        )
    return f"{most} folders can be watched"


def existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that exists."""
    path = path.resolve()
    return next(p for p in (path, *path.parents) if p.exists())


def _file_system(path: Path) -> str:
    best, kind = "", "a disk"
    for line in MOUNTS.read_text().splitlines() if MOUNTS.exists() else ():
        _, point, found, *_rest = line.split()
        here = path.is_relative_to(point.replace("\\040", " "))
        if here and len(point) >= len(best):
            best, kind = point, found
    return kind
