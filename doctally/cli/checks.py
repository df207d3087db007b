"""The checks of ``doctally doctor``: each returns what it found, none stops the others."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterator
from importlib import metadata
from pathlib import Path

from doctally.cli import belongings, surroundings
from doctally.cli.exits import ExitCode, code_of
from doctally.cli.finding import Check, Doubt, free_port
from doctally.cli.surroundings import existing
from doctally.errors import AccessDenied, ConfigurationError, DoctallyError, MissingDependency
from doctally.settings import Settings

LEAST_FREE_MB = 500
OCR_MODELS = "rapidocr"


def checks(settings: Settings, *, only: Collection[str] = ()) -> Iterator[Check]:
    """Yield every check's finding, the quick ones first; ``only`` those of these names."""
    for name, look in _CHECKS.items():
        if only and name not in only:
            continue
        try:
            yield Check(name, look(settings))
        except Doubt as note:
            yield Check(name, str(note), warning=True)
        except DoctallyError as error:
            yield Check(name, error.message, code_of(error))
        except Exception as error:  # a broken package may raise anything; the doctor goes on
            yield Check(name, f"{type(error).__name__}: {error}", ExitCode.OTHER)


def _python(_: Settings) -> str:
    return f"{sys.version.split()[0]} at {sys.executable}"


def _packages(_: Settings) -> str:
    from packaging.requirements import Requirement

    wrong = []
    needed = [Requirement(line) for line in metadata.requires("doctally") or ()]
    needed = [r for r in needed if r.marker is None or r.marker.evaluate({"extra": ""})]
    for requirement in needed:
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            wrong.append(f"{requirement.name} {found} is not {requirement.specifier}")
    if wrong:
        raise MissingDependency("; ".join(wrong) + "; reinstall: pip install doctally")
    return f"doctally {metadata.version('doctally')} and {len(needed)} packages as required"


def _settings(settings: Settings) -> str:
    given = sorted(settings.model_fields_set)
    return f"set: {', '.join(given)}" if given else "all as they come"


def _folders(settings: Settings) -> str:
    from flows.folders import Folders

    folders = Folders(settings.home.resolve())
    folders.create()
    for folder in folders.all:
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise AccessDenied(f"{folder}: this user cannot read and change it")
        if folder.stat().st_dev != folders.inbox.stat().st_dev:
            raise AccessDenied(f"{folder}: lies on another file system than {folders.inbox}")
    return f"{folders.home}: inbox, processing, processed, review, failed can be written"


def _disk(settings: Settings) -> str:
    free = shutil.disk_usage(existing(settings.home)).free // 1_000_000
    if free < LEAST_FREE_MB:
        raise Doubt(f"only {free} MB free under {settings.home}")
    return f"{free / 1000:.1f} GB free"


def _runner(settings: Settings) -> str:
    from flows.instance import AlreadyRunning, only_instance

    try:
        with only_instance(settings.home):
            return "nothing works on this home now"
    except AlreadyRunning as error:
        return error.message.split(";")[0]


def _port(settings: Settings) -> str:
    from flows.server import Address, healthy

    address = Address(settings.host, settings.port)
    if healthy(address):
        return f"a Prefect server answers at {address.ui}"
    return free_port(settings.host, settings.port, "DOCTALLY_PORT")


def _database(settings: Settings) -> str:
    from db import documents
    from db.database import open_database

    with open_database(settings.url) as database:
        counts = documents.counts(database)
        return f"{database.address}: up to date, {sum(counts.values())} documents"


def _webhook(settings: Settings) -> str:
    from db import deliveries
    from db.database import open_database
    from flows.target import check_address, target_of

    target = target_of(settings)
    if target is None:
        return "none is set"
    try:
        check_address(target)
    except OSError as error:
        raise Doubt(f"{target.host} cannot be found now: {error.strerror}") from error
    with open_database(settings.url) as database:
        counts = deliveries.counts(database)
    if dead := counts.get(deliveries.DeliveryState.DEAD, 0):
        raise Doubt(f"{dead} messages given up: doctally deliveries list --state dead")
    return f"{target.host}, {counts.get(deliveries.DeliveryState.WAITING, 0)} messages waiting"


def _model(settings: Settings) -> str:
    from flows.engine import shared_engine

    engine = shared_engine(settings)
    if settings.model_url:
        return f"the model server at {settings.model_url} reads with bank version {engine.version}"
    return f"backbone {settings.backbone!r} is genuine, bank version {engine.version} fits it"


def _ocr(_: Settings) -> str:
    try:
        files = metadata.files(OCR_MODELS) or []
    except metadata.PackageNotFoundError as error:
        raise MissingDependency(f"{OCR_MODELS} is not installed") from error
    models = [file for file in files if file.suffix == ".onnx" and Path(file.locate()).is_file()]
    if not models:
        raise ConfigurationError(f"{OCR_MODELS} is installed without its models")
    return f"{len(models)} models in {OCR_MODELS} {metadata.version(OCR_MODELS)}"


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "python": _python,
    "packages": _packages,
    "settings": _settings,
    "variables": surroundings.variables,
    "place": surroundings.place,
    "folders": _folders,
    "disk": _disk,
    "inodes": surroundings.inodes,
    "memory": surroundings.memory,
    "handles": surroundings.handles,
    "clock": surroundings.clock,
    "watching": surroundings.watching,
    "runner": _runner,
    "port": _port,
    "review": belongings.review_port,
    "database": _database,
    "exposed": belongings.exposed,
    "queues": belongings.queues,
    "failures": belongings.failures,
    "history": belongings.history,
    "lists": belongings.lists,
    "mailbox": belongings.mailbox,
    "webhook": _webhook,
    "notices": belongings.notices,
    "ocr": _ocr,
    "model": _model,
}
