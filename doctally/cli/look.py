"""The verbs that look and change nothing: ``status``, ``doctor``, ``settings``."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from doctally.cli.exits import ExitCode
from doctally.cli.screen import coloured, out

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]


def status(
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(help="How many of the latest documents to list.")] = 10,
) -> int:
    """Say how many documents stand where, and which came last.

    Example:

        doctally status --json | jq '.states.review'
    """
    from db import documents
    from db.database import open_database
    from doctally.settings import load_settings
    from flows.folders import Folders, Found, scan

    settings = load_settings()
    folders = Folders(settings.home.resolve())
    folders.create()
    waiting = sum(isinstance(entry, Found) for entry in scan(folders.inbox))
    with open_database(settings.url) as database:
        states = {str(state): n for state, n in documents.counts(database).items() if n}
        latest = documents.recent(database, limit=limit)
    if as_json:
        rows = [
            {
                "document": d.document_id,
                "file": d.name,
                "state": str(d.state),
                "type": str(d.document_type) if d.document_type else None,
                "parent": d.parent_id,
                "location": d.location,
                "reason": d.reason or None,
            }
            for d in latest
        ]
        typer.echo(json.dumps({"inbox": waiting, "states": states, "latest": rows}))
        return ExitCode.DONE
    console = out()
    numbers = ", ".join(f"{n} {coloured(state)}" for state, n in states.items())
    console.print(f"{waiting} in the inbox; {numbers or 'no documents yet'}")
    table = Table("", "file", "state", "type", "where it lies, or why it failed", box=None)
    for d in latest:
        kind = str(d.document_type or "")
        where = escape(d.reason or d.location)
        name = d.name if d.parent_id is None else f"{d.name} (in {d.parent_id})"
        table.add_row(str(d.document_id), escape(name), coloured(str(d.state)), kind, where)
    if latest:
        console.print(table)
    return ExitCode.DONE


def doctor(as_json: AsJson = False) -> int:
    """Check that everything doctally needs is there and works; say what to do about the rest.

    The exit code is that of the first thing that is wrong.

    Example:

        doctally doctor
    """
    from doctally.cli.checks import checks
    from doctally.cli.finding import Check
    from doctally.errors import ConfigurationError
    from doctally.settings import load_settings

    found = []
    console = out()
    try:
        every = checks(load_settings())
    except ConfigurationError as error:  # nothing else can be looked at
        every = iter([Check("settings", error.message, ExitCode.USAGE)])
    for check in every:
        found.append(check)
        if not as_json:
            mark = "[yellow]![/]" if check.warning else "[green]ok[/]"
            mark = mark if check.code is ExitCode.DONE else "[red]no[/]"
            console.print(f"{mark:<14} {check.name:<9} {escape(check.detail)}")
    code = next((c.code for c in found if c.code is not ExitCode.DONE), ExitCode.DONE)
    if as_json:
        rows = [
            {
                "check": c.name,
                "ok": c.code is ExitCode.DONE,
                "warning": c.warning,
                "detail": c.detail,
            }
            for c in found
        ]
        typer.echo(json.dumps({"ok": code is ExitCode.DONE, "checks": rows}))
    return code


def settings(as_json: AsJson = False) -> int:
    """Print the settings in force, and what each means.

    Each can be set as DOCTALLY_NAME, in doctally.toml, or from a file by DOCTALLY_NAME_FILE.

    Example:

        DOCTALLY_BATCH_SIZE=8 doctally settings
    """
    from doctally.settings import Settings, load_settings

    current = load_settings()
    values = {name: _shown(getattr(current, name)) for name in Settings.model_fields}
    if as_json:
        typer.echo(json.dumps(values))
        return ExitCode.DONE
    table = Table("setting", "value", "meaning", box=None)
    for name, info in Settings.model_fields.items():
        value = escape(str(values[name]))
        own = f"[bold]{value}[/]" if name in current.model_fields_set else value
        table.add_row(name, own, escape(info.description or ""))
    out().print(table)
    return ExitCode.DONE


def _shown(value: Any) -> Any:
    """Return a value without the password of a URL in it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return re.sub(r"(?<=://)([^/@:]*):[^@]*@", r"\1:***@", str(value))
