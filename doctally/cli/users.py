"""The verbs of ``doctally users``: who may use the review page and the API, and as what."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from doctally.cli.exits import ExitCode
from doctally.cli.screen import err, out
from doctally.errors import ConfigurationError
from doctally.people import Role, checked_name, checked_password

if TYPE_CHECKING:
    from db.database import Database

users_app = typer.Typer(
    help="Who may use the review page and the API, and as what.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="The user's name.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
PasswordFile = Annotated[
    str | None,
    typer.Option(help="File whose first line is the password, - for standard input."),
]


def _opened() -> Database:
    from db.database import open_database
    from doctally.settings import load_settings

    return open_database(load_settings().url)


def _who() -> str:
    return getpass.getuser()


def _now() -> datetime:
    return datetime.now(UTC)


def _asked_for(name: str, file: str | None) -> str:
    """Return the hash of the password from the file or the prompt; never from the arguments."""
    from doctally.passwords import hashed

    if file == "-":
        given = sys.stdin.readline().rstrip("\r\n")
    elif file is not None:
        try:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"--password-file: {error}") from error
        given = lines[0] if lines else ""
    elif sys.stdin.isatty():
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        raise ConfigurationError("there is nobody to ask for a password; use --password-file")
    return hashed(checked_password(given, name=name))


@users_app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.REVIEWER,
    password_file: PasswordFile = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="A program, which only uses tokens.")
    ] = False,
) -> int:
    """Add a user; from the first one on, everybody has to log in.

    Examples:

        doctally users add anna --role admin

        doctally users add erp --role viewer --no-password
    """
    from db import users

    name = checked_name(name)
    if no_password and password_file is not None:
        raise typer.TyperException("--no-password and --password-file exclude each other")
    with _opened() as database:
        kept = None if no_password else _asked_for(name, password_file)
        users.add(database, name, role=role, password_hash=kept, who=_who(), now=_now())
    err().print(f"{name} is {role}")
    return ExitCode.DONE


@users_app.command("list")
def list_(as_json: AsJson = False) -> int:
    """List users with their roles and when they were last seen.

    Example:

        doctally users list
    """
    from db import users

    with _opened() as database:
        found = users.users(database)
    if as_json:
        for one in found:
            told = {
                "name": one.name,
                "role": str(one.role),
                "active": one.active,
                "password": one.has_password,
                "created_at": one.created_at.isoformat(),
                "seen_at": one.seen_at.isoformat() if one.seen_at else None,
            }
            typer.echo(json.dumps(told))
        return ExitCode.DONE
    table = Table("name", "role", "", "since", "last seen", box=None)
    for one in found:
        state = "" if one.active else "disabled"
        state = state or ("" if one.has_password else "tokens only")
        seen = f"{one.seen_at:%Y-%m-%d %H:%M}" if one.seen_at else ""
        table.add_row(one.name, str(one.role), state, f"{one.created_at:%Y-%m-%d}", seen)
    if found:
        out().print(table)
    else:
        err().print("no users: the review page is for this machine only, without a log-in")
    return ExitCode.DONE


@users_app.command()
def role(name: Name, role: Annotated[Role, typer.Argument(help="What the user may do.")]) -> int:
    """Give a user another role; it counts from the next request on.

    Example:

        doctally users role ben reviewer
    """
    from db import users

    with _opened() as database:
        users.set_role(database, checked_name(name), role, who=_who(), now=_now())
    return ExitCode.DONE


@users_app.command()
def disable(name: Name) -> int:
    """Shut a user out at once: sessions end, tokens are revoked; the name stays in the trail.

    Example:

        doctally users disable ben
    """
    from db import users

    with _opened() as database:
        users.set_active(database, checked_name(name), active=False, who=_who(), now=_now())
    return ExitCode.DONE


@users_app.command()
def enable(name: Name) -> int:
    """Let a disabled user in again, with the same password; tokens stay revoked.

    Example:

        doctally users enable ben
    """
    from db import users

    with _opened() as database:
        users.set_active(database, checked_name(name), active=True, who=_who(), now=_now())
    return ExitCode.DONE


@users_app.command()
def password(name: Name, password_file: PasswordFile = None) -> int:
    """Give a user another password; the user's sessions end.

    Example:

        doctally users password anna
    """
    from db import users

    name = checked_name(name)
    with _opened() as database:
        users.user(database, name)
        kept = _asked_for(name, password_file)
        users.set_password(database, name, kept, who=_who(), now=_now())
    return ExitCode.DONE


@users_app.command()
def token(
    name: Name,
    label: Annotated[str, typer.Option(help="What it is for.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.VIEWER,
    days: Annotated[int, typer.Option(help="Until it ends; 0: never.", min=0)] = 365,
) -> int:
    """Make a token for the API and print it, once; it is kept only as a hash.

    Example:

        doctally users token erp --label "nightly export" > token.txt
    """
    from db import tokens

    now = _now()
    ends = now + timedelta(days=days) if days else None
    with _opened() as database:
        made, secret = tokens.make(
            database,
            checked_name(name),
            label=label,
            role=role,
            expires_at=ends,
            who=_who(),
            now=now,
        )
    typer.echo(secret)
    until = f"until {ends:%Y-%m-%d}" if ends else "without an end"
    err().print(f"token {made.token_id}: {role}, {until}")
    return ExitCode.DONE


@users_app.command("tokens")
def tokens_(as_json: AsJson = False) -> int:
    """List tokens, without their secrets.

    Example:

        doctally users tokens
    """
    from db import tokens

    now = _now()
    with _opened() as database:
        found = tokens.tokens(database)
    table = Table("", "user", "role", "label", "state", "last used", box=None)
    for one in found:
        state = "revoked" if one.revoked_at else "valid"
        if one.expires_at and one.expires_at <= now and not one.revoked_at:
            state = "expired"
        used = f"{one.used_at:%Y-%m-%d %H:%M}" if one.used_at else ""
        if as_json:
            told = {"token": one.token_id, "user": one.user, "role": str(one.role), "state": state}
            typer.echo(json.dumps({**told, "label": one.label}, ensure_ascii=False))
        table.add_row(str(one.token_id), one.user, str(one.role), escape(one.label), state, used)
    if found and not as_json:
        out().print(table)
    return ExitCode.DONE


@users_app.command()
def revoke(
    number: Annotated[int, typer.Argument(help="Token, as listed by `users tokens`.")],
) -> int:
    """End a token at once.

    Example:

        doctally users revoke 3
    """
    from db import tokens

    with _opened() as database:
        tokens.revoke(database, number, who=_who(), now=_now())
    return ExitCode.DONE
