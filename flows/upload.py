"""Files that people send to the inbox: whole or not at all, under a name that harms nobody."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from doctally.errors import AccessDenied, DoctallyError
from flows.folders import MAX_DEPTH, Folders, denied
from flows.names import is_ignored, safe_name

LONGEST_STEM = 100


class TooLarge(DoctallyError):
    """More was sent than a file may have."""

    code = "too_large"


class EmptyFile(DoctallyError):
    """Nothing was sent."""

    code = "empty_file"


@dataclass(frozen=True, slots=True)
class Received:
    """A file that lies in the inbox now; ``name`` and ``tags`` are what it is called there."""

    path: Path
    name: str
    tags: tuple[str, ...]
    sha256: str
    size: int


def receive(
    folders: Folders, name: str, pieces: Iterable[bytes], *, tags: Sequence[str] = (), most: int
) -> Received:
    """Return the file put together in the inbox from its pieces, ``most`` bytes at the most.

    What the sender calls it and its sub-folders is never trusted as a path. Another file of the
    name is left alone. Raises TooLarge, EmptyFile, AccessDenied.
    """
    called = inbox_name(name)
    under = tuple(inbox_name(tag) for tag in tags[: MAX_DEPTH - 1])
    folder = folders.inbox.joinpath(*under)
    part = folders.inbox / f".{secrets.token_hex(8)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not folder.resolve().is_relative_to(folders.inbox.resolve()):
            message = f"{folder} leads out of the inbox; links are never followed"
            raise AccessDenied(message, code="not_a_folder")
        try:
            sha256, size = _written(part, pieces, most)
            target = _placed(part, folder / called)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise denied(folder, error) from error
    return Received(target, target.name, under, sha256, size)


def inbox_name(name: str) -> str:
    """Return a harmless name of one component that the inbox does not overlook."""
    called = safe_name(name.replace("\\", "/").rpartition("/")[2])
    return f"upload {called}_" if is_ignored(called) else called


def _written(part: Path, pieces: Iterable[bytes], most: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with part.open("xb") as file:
        for piece in pieces:
            size += len(piece)
            if size > most:
                raise TooLarge(f"larger than {most >> 20} MB")
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if not size:
        raise EmptyFile("the file is empty")
    return digest.hexdigest(), size


def _placed(part: Path, wanted: Path) -> Path:
    """Give the file its name, or one beside it: no two senders get the same one."""
    target = wanted
    while True:
        try:
            os.link(part, target)  # unlike a rename, never in the place of another
        except FileExistsError:
            stem = wanted.stem[:LONGEST_STEM]
            target = wanted.with_name(f"{stem}-{secrets.token_hex(3)}{wanted.suffix}")
        except OSError:  # a file system without hard links: hold the name, then fill it
            target = wanted.with_name(f"{secrets.token_hex(3)}-{wanted.name}")
            target.touch(exist_ok=False)
            part.replace(target)
            return target
        else:
            return target
