"""Processing here and now, without a Prefect server: batch after batch until nothing is left."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from doctally.errors import AccessDenied
from flows.batch import Batch, Item
from flows.claims import Intake
from flows.folders import free
from flows.home import Home
from flows.line import intakes
from flows.names import safe_name

Told = Callable[[Item], None]


def process_files(home: Home, files: Sequence[Path], *, told: Told) -> Iterator[Batch]:
    """Copy files into the inbox and process them; yield each finished batch.

    Raises AccessDenied for a file that cannot be copied, before anything is processed.
    """
    size = home.settings.batch_size
    copies = [_copied(home, file) for file in files]
    for first in range(0, len(copies), size):
        yield _worked(home, home.take(copies[first : first + size]), told)
        while not (inside := home.inside()).nothing:
            yield _worked(home, inside, told)


def process_all(home: Home, *, told: Told) -> Iterator[Batch]:
    """Process what was left unfinished and what is in the inbox; yield each finished batch."""
    for intake in intakes(home):
        yield _worked(home, intake, told)


def _worked(home: Home, intake: Intake, told: Told) -> Batch:
    batch = Batch(intake)
    home.work(batch, told=told)
    return batch


def _copied(home: Home, file: Path) -> Path:
    target = free(home.folders.inbox / safe_name(file.name))
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(file, part)
        part.rename(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise AccessDenied(f"{file}: {error.strerror}") from error
    return target
