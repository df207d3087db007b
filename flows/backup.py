"""Back-up while everything runs, and restore into an empty home, on either kind of database.

A back-up is a folder: ``database/`` (``db.backup``), ``files/`` (the home without locks, logs and
Prefect's history) and ``manifest.json``, written last, with the SHA-256 of every file. Rows are
taken first, files after them; what moved in between is put where its row says at the restore, by
its content, and what came later goes to the inbox.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from db import backup
from db.backup import Dump, Place
from db.database import open_database
from doctally.errors import ConfigurationError
from doctally.settings import Settings
from flows.folders import Folders, denied, free, move
from flows.instance import only_instance, owner_of
from flows.names import REASON_SUFFIX, document_id_of

MANIFEST = "manifest.json"
KIND = "doctally back-up 1"
_SKIPPED = ("prefect",)
_FILED = ("processing", "processed", "review", "failed")
_DATABASE = "doctally.db"
_LOOKS = 20
"""So often at the most is looked for files that were moved on meanwhile."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What is in a back-up: documents, files, bytes, and the schema's revision."""

    documents: int
    files: int
    size: int
    revision: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back; ``moved`` files lay elsewhere, ``missing`` have no content."""

    documents: int
    files: int
    moved: int
    missing: tuple[int, ...]


def back_up(settings: Settings, target: Path, *, now: datetime) -> Saved:
    """Write a back-up into a new folder; raises AccessDenied, ConfigurationError."""
    home = settings.home.resolve()
    if target.resolve().is_relative_to(home):
        raise ConfigurationError(f"{target} lies in the home itself; choose another place")
    try:
        (target / "database").mkdir(parents=True)
        with open_database(settings.url) as database:
            said = backup.dump(database, target / "database")
        files = dict(_copied(home, target / "files"))
        about = {
            "kind": KIND,
            "made": now.isoformat(),
            "doctally": version("doctally"),
            **asdict(said),
            "files": {name: digest for name, (digest, _) in files.items()},
        }
        part = target / f"{MANIFEST}.part"
        part.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        part.replace(target / MANIFEST)
    except OSError as error:
        raise denied(target, error) from error
    size = sum(size for _, size in files.values())
    return Saved(said.rows.get("documents", 0), len(files), size, said.revision)


def restore(settings: Settings, source: Path) -> Restored:
    """Fill an empty home and database from a back-up, after checking all of its files.

    Raises ConfigurationError when it is none, damaged, or of a newer doctally, or when home or
    database are in use; AccessDenied. Nothing is written before everything is checked.
    """
    said, files = _manifest(source)
    home = settings.home.resolve()
    folders = Folders(home)
    with only_instance(home):
        folders.create()
        _refuse_unless_empty(folders)
        _check(source, files)
        backup.load(settings.url, source / "database", said)
        for name in files:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / "files" / name, home / name)
        with open_database(settings.url) as database:
            wanted = backup.places(database, owner=owner_of(home))
    moved, missing = _put_in_place(folders, wanted, files)
    return Restored(said.rows.get("documents", 0), len(files), moved, missing)


def _put_in_place(
    folders: Folders, wanted: Sequence[Place], files: Mapping[str, str]
) -> tuple[int, tuple[int, ...]]:
    """Move what lies elsewhere than its row says; return how many, and whose file is nowhere."""
    where = {digest: name for name, digest in files.items()}
    moved, missing = 0, []
    for one in wanted:
        location = one.location
        if one.working:
            location = folders.relative(folders.in_work(one.document_id, one.name))
        if one.sha256 not in where:
            missing.append(one.document_id)
        elif files.get(location) != one.sha256 and location:
            move(folders.home / where[one.sha256], folders.home / location)
            moved += 1
    known = {one.sha256 for one in wanted}
    for name, digest in files.items():
        path = folders.home / name
        if digest in known or PurePosixPath(name).parts[0] not in _FILED or not path.exists():
            continue
        number = document_id_of(path.name)
        if number is not None and not path.name.endswith(REASON_SUFFIX):  # came after the rows
            move(path, free(folders.inbox / path.name.removeprefix(f"{number}-")))
            moved += 1
    return moved, tuple(missing)


def _copied(home: Path, target: Path) -> Iterator[tuple[str, tuple[str, int]]]:
    """Copy the home's files; yield the name, SHA-256 and size of each.

    What is moved on while we look is looked for again; each file is taken in one place only.
    """
    seen: set[tuple[int, int]] = set()
    for _ in range(_LOOKS):
        vanished = False
        for path in sorted(home.rglob("*")):
            name = path.relative_to(home)
            if _left_out(name) or path.is_symlink() or path.is_dir():
                continue
            try:
                with path.open("rb") as file:
                    about = os.fstat(file.fileno())
                    if (about.st_dev, about.st_ino) in seen:
                        continue
                    copy = target / name
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    with copy.open("wb") as sink:
                        shutil.copyfileobj(file, sink)
            except FileNotFoundError:
                vanished = True
                continue
            seen.add((about.st_dev, about.st_ino))
            yield name.as_posix(), (_digest(copy), copy.stat().st_size)
        if not vanished:
            return


def _left_out(name: Path) -> bool:
    if name.parts[0] in _SKIPPED or name.suffix == ".part":
        return True
    if len(name.parts) == 1 and name.name.startswith(".doctally."):
        return name.suffix in (".lock", ".prom")
    return len(name.parts) == 1 and name.name.startswith(_DATABASE)


def _manifest(source: Path) -> tuple[Dump, Mapping[str, str]]:
    try:
        told = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        if told["kind"] != KIND:
            raise ConfigurationError(f"{source}: made by another doctally ({told['kind']})")
        said = Dump(str(told["revision"]), {str(k): int(v) for k, v in told["rows"].items()})
        return said, {str(name): str(digest) for name, digest in told["files"].items()}
    except OSError as error:
        raise ConfigurationError(f"{source} is no whole back-up: no {MANIFEST}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{source}: {MANIFEST} is damaged: {error}") from error


def _check(source: Path, files: Mapping[str, str]) -> None:
    for name, digest in files.items():
        path = source / "files" / name
        if not path.resolve().is_relative_to((source / "files").resolve()):
            raise ConfigurationError(f"{source}: {name!r} leads outside the back-up")
        try:
            same = _digest(path) == digest
        except OSError as error:
            raise ConfigurationError(f"{path}: {error.strerror}") from error
        if not same:
            raise ConfigurationError(f"{path} is not as it was backed up")


def _refuse_unless_empty(folders: Folders) -> None:
    for folder in folders.all:
        if any(path.is_file() for path in folder.rglob("*")):
            raise ConfigurationError(f"{folder} holds files; restore into an empty home")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
