"""What is configured otherwise than at the last start: said once, so that nobody is surprised.

What was in force lies in the home (``.doctally.settings.json``), without secrets: of those, and of
addresses with a password, only whether they are set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from doctally.settings import Settings

FILE = ".doctally.settings.json"
_ADDRESSES = ("_url",)


def changes(home: Path, settings: Settings) -> list[str]:
    """Return in sentences what changed since the last start here, and remember what is now.

    Nothing at the first start. A full disk is no reason not to start.
    """
    now = _now(settings)
    path = home / FILE
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        said = list(_told(before, now))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        said = []  # the first start, or no note of ours
    part = path.with_suffix(".part")
    with suppress(OSError):
        part.write_text(json.dumps(now, indent=1, sort_keys=True), encoding="utf-8")
        part.replace(path)
    return said


def _now(settings: Settings) -> dict[str, Any]:
    try:
        program = version("doctally")
    except PackageNotFoundError:  # run from a folder that was not installed
        program = ""
    fields = Settings.model_fields
    return {
        "version": program,
        "values": {name: _shown(name, getattr(settings, name)) for name in fields},
        "defaults": {
            name: _shown(name, field.get_default(call_default_factory=True, validated_data={}))
            for name, field in fields.items()
        },
    }


def _told(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    said = []
    if before["version"] != now["version"]:
        said.append(f"doctally was {before['version']}, it is {now['version']} now: see CHANGELOG")
    values, were = now["values"], before["values"]
    for name in values.keys() - were.keys():
        about = Settings.model_fields[name].description
        said.append(f"new setting {name}, now {values[name]!r}: {about}")
    for name in were.keys() - values.keys():
        said.append(f"the setting {name} is gone; it was {were[name]!r}")
    for name in values.keys() & were.keys():
        if values[name] == were[name]:
            continue
        by_us = values[name] == now["defaults"][name] and were[name] == before["defaults"][name]
        who = "the default of " if by_us else ""
        said.append(f"{who}{name} is {values[name]!r} now, it was {were[name]!r}")
    return sorted(said)


def _shown(name: str, value: Any) -> str:
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else ""
    if name.endswith(_ADDRESSES) and value:
        parts = urlsplit(str(value))
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
    return "" if value is None else str(value)
