"""The flow ``collect``: files of a store (S3, a folder, whatever fsspec reaches) to the inbox.

A file is on disk in the inbox before it is moved aside in the store: killed in between, the next
look knows its content and only moves it. From the inbox on it is a document like any other; its
folders below the store's are tags. Of several workers one looks at a time. Not handled: stores that
cannot move a file (plain HTTP).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from db import documents
from db.turns import turn
from doctally.errors import AccessDenied, ConfigurationError
from doctally.settings import Settings
from flows.folders import MAX_DEPTH, denied, free
from flows.home import Home
from flows.ingest import home_of_run
from flows.instance import AlreadyRunning
from flows.names import is_ignored, safe_name

_CHUNK = 1 << 20

log = logging.getLogger("doctally.collect")


@dataclass(frozen=True, slots=True)
class Collected:
    """How many files were put into the inbox, were known already, were refused, are stuck.

    A stuck one cannot be read, or not be moved aside: the next look tries again.
    """

    new: int = 0
    known: int = 0
    refused: int = 0
    stuck: int = 0


@dataclass(frozen=True, slots=True)
class Thing:
    """A file of the store: its path there, below the folder that is looked at, and its bytes."""

    path: str
    below: tuple[str, ...]
    size: int

    @property
    def place(self) -> Path:
        """Return where it goes, relative to the inbox: every name made safe."""
        *folders, name = (safe_name(part) for part in self.below)
        return Path(*folders[: MAX_DEPTH - 1], name)


class Store:
    """A folder of a file system that fsspec opens, and where what was taken is put."""

    def __init__(self, settings: Settings) -> None:
        try:
            import fsspec

            self._system, self._root = fsspec.core.url_to_fs(settings.store_url)
        except ImportError as error:
            raise ConfigurationError(
                f"store_url {settings.store_url!r} needs a package that is not installed: {error} "
                "(for s3://: pip install 'doctally[s3]')"
            ) from error
        except ValueError as error:
            raise ConfigurationError(f"store_url {settings.store_url!r}: {error}") from error
        self._root = self._root.rstrip("/")
        done = settings.store_done_url or f"{settings.store_url.rstrip('/')}-taken"
        self._done = fsspec.core.url_to_fs(done)[1].rstrip("/")
        if f"{self._done}/".startswith(f"{self._root}/"):
            raise ConfigurationError("store_done_url lies inside store_url; choose one beside it")

    def things(self) -> Iterator[Thing]:
        """Yield the files, in order of their paths; names that are never taken are left out."""
        self._system.invalidate_cache()
        if not self._system.exists(self._root):
            return
        for path, about in sorted(self._system.find(self._root, detail=True).items()):
            below = tuple(path.removeprefix(self._root).strip("/").split("/"))
            if below[-1] and not any(map(is_ignored, below)):
                yield Thing(path, below, int(about.get("size") or 0))

    def read(self, thing: Thing) -> Iterator[bytes]:
        """Yield the file's bytes."""
        with self._system.open(thing.path, "rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def done(self, thing: Thing) -> None:
        """Move the file to where taken ones are, never over another; gone already is done, too."""
        target = f"{self._done}/{'/'.join(thing.below)}"
        if self._system.exists(target):
            target = f"{target}.{token_hex(4)}"
        self._system.makedirs(target.rpartition("/")[0], exist_ok=True)
        try:
            # S3's own mv deletes by a list in XML, where not every name fits
            if "s3" in self._system.protocol:
                self._system.cp_file(thing.path, target)
                self._system.rm_file(thing.path)
            else:
                self._system.mv(thing.path, target)
        except FileNotFoundError:
            return


@flow(name="collect", flow_run_name="look into the store", persist_result=False)
async def collect() -> State[Any]:
    """Put every new file of the store into the inbox."""
    try:
        with home_of_run() as home:
            if not home.settings.store_url:
                return Completed(name="Skipped", message="no store: DOCTALLY_STORE_URL is empty")
            found = await asyncio.to_thread(fetch, home)
    except AlreadyRunning as error:
        return Completed(name="Skipped", message=error.message)
    message = f"{found.new} new files, {found.known} known, {found.refused} refused"
    message += f", {found.stuck} stuck" if found.stuck else ""
    get_run_logger().info(message)
    if found.stuck:
        return Failed(name="Stuck files", message=message)
    return Completed(name=None if found.new or found.refused else "Nothing new", message=message)


def fetch(home: Home) -> Collected:
    """Take every file; raises AccessDenied when the store or the disk says no."""
    store = Store(home.settings)
    counts = {"new": 0, "known": 0, "refused": 0, "stuck": 0}
    with turn(home.database, f"store {home.settings.store_url}", wait_s=0) as ours:
        try:
            things = list(store.things()) if ours else []
        except OSError as error:
            raise AccessDenied(
                f"the store {home.settings.store_url}: {error}; check address and credentials",
                code="store_denied",
            ) from error
        for thing in things:
            try:
                counts[_take(home, store, thing)] += 1
            except OSError as error:  # this file's trouble is not the others'
                log.warning("%s: %s", thing.path, error)
                counts["stuck"] += 1
    return Collected(**counts)


def _take(home: Home, store: Store, thing: Thing) -> str:
    if thing.size > home.settings.max_file_mb * 1_000_000:
        _refuse(home, thing)
        return "refused"
    target = home.folders.inbox / thing.place
    part = target.with_name(f".{target.name}.{token_hex(4)}.part")
    digest = hashlib.sha256()
    chunks = store.read(thing)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                _write(file.fileno(), chunk, target)
            os.fsync(file.fileno())
        known = documents.with_content(home.database, digest.hexdigest()) is not None
        if not known and not _is_there(target, digest.hexdigest()):
            part.rename(free(target))
            _sync(target.parent)
    finally:
        part.unlink(missing_ok=True)
    store.done(thing)
    return "known" if known else "new"


def _write(handle: int, chunk: bytes, target: Path) -> None:
    """Write to our own disk; its trouble is not the store's."""
    try:
        view = memoryview(chunk)
        while view:
            view = view[os.write(handle, view) :]
    except OSError as error:
        raise denied(target, error) from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_there(target: Path, digest: str) -> bool:
    return target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == digest


def _refuse(home: Home, thing: Thing) -> None:
    """Tell in SQL of a file that is too large; it stays where it is."""
    limit = home.settings.max_file_mb
    *tags, name = thing.place.parts
    documents.refuse(
        home.database,
        name=name,
        tags=tuple(tags),
        size=thing.size,
        code="too_large",
        message=f"The file has {thing.size / 1e6:.0f} MB; the limit is {limit} MB. "
        "It was left in the store.",
        owner=home.owner,
        now=home.now(),
    )
