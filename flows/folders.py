"""The folders of an installation: finding complete files, moving files without loss.

``inbox/`` is the outsiders' side: names are never trusted, sub-folders are free tags.
``processing/ processed/YYYY/MM/ review/ failed/`` are ours; a file there is called
``<document id>-<name>``, so that names never collide. All lie under one home on one file
system, so that a move is one atomic rename. Not handled: a file that another program keeps
appending to after it was quiet for ``settle_s`` and closed.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from doctally.errors import AccessDenied
from doctally.results import State
from flows.names import REASON_SUFFIX, filed_name, is_ignored, safe_name

MAX_DEPTH = 8
PARTS = ".parts"


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file in the inbox; ``name`` and ``tags`` are safe, ``path`` is as it is."""

    path: Path
    name: str
    tags: tuple[str, ...]
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the inbox that cannot be taken, and why."""

    path: Path
    name: str
    tags: tuple[str, ...]
    code: str
    message: str
    movable: bool = True


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders under one home."""

    home: Path

    @property
    def inbox(self) -> Path:
        """Return the folder where documents are dropped."""
        return self.home / "inbox"

    @property
    def processing(self) -> Path:
        """Return the folder of documents in work."""
        return self.home / "processing"

    @property
    def spool(self) -> Path:
        """Return the folder of what was inside files and is not yet in work by itself."""
        return self.processing / PARTS

    def spool_of(self, seat: str) -> Path:
        """Return the spool of one of several workers: what it drops, no other waits for."""
        return self.processing / f"{PARTS}-{seat}" if seat else self.spool

    def spools(self) -> list[Path]:
        """Return the spools that there are."""
        return sorted(self.processing.glob(f"{PARTS}*"))

    @property
    def failed(self) -> Path:
        """Return the folder of refused documents and their reasons."""
        return self.home / "failed"

    @property
    def all(self) -> tuple[Path, ...]:
        """Return every folder that must exist and be writable."""
        rest = (self.home / "processed", self.home / "review", self.failed)
        return (self.inbox, self.processing, *rest)

    def create(self) -> None:
        """Make the folders that are missing; raises AccessDenied naming the folder."""
        for folder in self.all:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise denied(folder, error) from error

    def in_work(self, document_id: int, name: str) -> Path:
        """Return where the file of a claimed document lies."""
        return self.processing / filed_name(document_id, name)

    def destination(self, document_id: int, name: str, outcome: State, now: datetime) -> Path:
        """Return where the file of an ended document belongs."""
        filed = filed_name(document_id, name)
        if outcome is State.FAILED:
            return self.failed / filed
        if outcome is State.REVIEW:
            return self.home / "review" / filed
        return self.home / "processed" / f"{now:%Y}" / f"{now:%m}" / filed

    def held(self, document_id: int) -> tuple[Path, ...]:
        """Return the files in processing/ that belong to a document; normally one or none."""
        return tuple(self.processing.glob(f"{document_id}-*"))

    def duplicate(self, first_id: int, name: str, now: datetime) -> Path:
        """Return where a file goes whose content is already known as document ``first_id``."""
        filed = f"{first_id}-duplicate-{secrets.token_hex(4)}-{name}"
        return self.home / "processed" / f"{now:%Y}" / f"{now:%m}" / filed

    def relative(self, path: Path) -> str:
        """Return the path as SQL keeps it: relative to home, with forward slashes."""
        return path.relative_to(self.home).as_posix()


def denied(path: Path, error: OSError) -> AccessDenied:
    """Return the error of a file or folder in words that say what to do."""
    if error.errno == errno.EXDEV:
        return AccessDenied(
            f"{path}: lies on another file system than the other folders; keep all under one home",
            code="other_file_system",
        )
    if error.errno == errno.ENOSPC:
        return AccessDenied(f"{path}: the disk is full", code="disk_full")
    return AccessDenied(f"{path}: {error.strerror or error}")


def scan(inbox: Path) -> Iterator[Found | Problem]:
    """Yield every file of the inbox and its sub-folders, oldest first in each folder.

    Ignored names are left out; links and special files come as problems, and so does a folder
    that cannot be listed. Raises AccessDenied when the inbox itself cannot be listed.
    """
    yield from _scan(inbox, (), 0)


def _with_status(entry: os.DirEntry[str]) -> tuple[os.DirEntry[str], os.stat_result] | None:
    try:
        return entry, entry.stat(follow_symlinks=False)
    except OSError:
        return None  # taken away while we look


def _scan(folder: Path, tags: tuple[str, ...], depth: int) -> Iterator[Found | Problem]:
    try:
        with os.scandir(folder) as listing:
            entries = [pair for pair in map(_with_status, listing) if pair]
    except OSError as error:
        if depth and isinstance(error, FileNotFoundError):
            return
        if depth == 0:
            raise denied(folder, error) from error
        yield Problem(
            folder,
            safe_name(folder.name),
            tags[:-1],
            "access_denied",
            f"the folder cannot be listed ({error.strerror}); give doctally the right to read "
            "and change it, then its files are taken",
            movable=False,
        )
        return
    for entry, status in sorted(entries, key=lambda pair: (pair[1].st_mtime_ns, pair[0].name)):
        if is_ignored(entry.name):
            continue
        path, name = Path(entry.path), safe_name(entry.name)
        if stat.S_ISDIR(status.st_mode):
            if depth < MAX_DEPTH:
                yield from _scan(path, (*tags, name), depth + 1)
            else:
                yield Problem(path, name, tags, "too_deep", "sub-folders are too deep", False)
        elif stat.S_ISREG(status.st_mode):
            yield Found(path, name, tags, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        else:
            kind = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "not a regular file"
            yield Problem(path, name, tags, "not_a_file", f"{kind} is never followed or read")


def free(target: Path) -> Path:
    """Return ``target``, or a name beside it when a stranger's file has that name.

    Targets carry a document id and one process files at a time (``flows.instance``), so
    nothing of ours takes the name between this and the move.
    """
    while os.path.lexists(target):
        target = target.with_name(f"{target.stem}-{secrets.token_hex(3)}{target.suffix}")
    return target


def move(source: Path, target: Path) -> None:
    """Rename the file, making folders as needed; never overwrites. Raises AccessDenied."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "exists already", str(target))
        source.rename(target)
    except OSError as error:
        raise denied(source if isinstance(error, FileNotFoundError) else target, error) from error


def reason_path(path: Path) -> Path:
    """Return where the reason of a failed file stands."""
    return path.with_name(path.name + REASON_SUFFIX)


def write_reason(path: Path, text: str) -> Path:
    """Write why a file failed beside it, replacing an older reason at once; return its path."""
    target = reason_path(path)
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    except OSError as error:
        raise denied(target, error) from error
    return target
