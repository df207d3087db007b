"""The verbs of ``doctally deliveries``: what is handed over to other systems."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from doctally.cli.exits import ExitCode
from doctally.cli.screen import err, out

deliveries_app = typer.Typer(
    help="What is handed over to other systems by webhook.", no_args_is_help=True
)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]


@deliveries_app.command("list")
def list_(
    state: Annotated[
        str | None, typer.Option(help="Only these: waiting, delivered or dead.")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many of the latest.", min=1)] = 50,
    as_json: AsJson = False,
) -> int:
    """List messages, those that changed last first; dead ones wait for a person.

    Example:

        doctally deliveries list --state dead
    """
    from db import deliveries
    from db.database import open_database
    from doctally.settings import load_settings

    known = [str(one) for one in deliveries.DeliveryState]
    if state is not None and state not in known:
        raise typer.TyperException(f"--state is one of {', '.join(known)}")
    chosen = deliveries.DeliveryState(state) if state else None
    with open_database(load_settings().url) as database:
        found = deliveries.deliveries(database, state=chosen, limit=limit)
        counts = {str(one): number for one, number in deliveries.counts(database).items()}
    if as_json:
        for one in found:
            told = {
                "delivery": one.delivery_id,
                "message_id": one.message_id,
                "document": one.document_id,
                "file": one.file,
                "event": one.event,
                "state": str(one.state),
                "attempts": one.attempts,
                "next_at": one.next_at.isoformat() if str(one.state) == "waiting" else None,
                "status": one.last_status,
                "error": one.last_error or None,
            }
            typer.echo(json.dumps(told, ensure_ascii=False))
        return ExitCode.DONE
    table = Table("", "document", "file", "event", "state", "attempts", "last answer", box=None)
    for one in found:
        table.add_row(
            str(one.delivery_id),
            str(one.document_id),
            escape(one.file),
            one.event,
            str(one.state),
            str(one.attempts),
            escape(one.last_error or str(one.last_status or "")),
        )
    if found:
        out().print(table)
    err().print(", ".join(f"{number} {one}" for one, number in counts.items()) or "nothing yet")
    return ExitCode.DONE


@deliveries_app.command()
def retry(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Deliveries, as listed.", metavar="NUMBER...")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are dead.")] = False,
) -> int:
    """Let dead messages be sent again; the runner or `deliveries send` does it.

    Examples:

        doctally deliveries retry 12 13

        doctally deliveries retry --all
    """
    from db import deliveries
    from db.database import open_database
    from doctally.settings import load_settings

    if bool(numbers) == everything:
        raise typer.TyperException("give NUMBERS, or --all for all dead ones")
    with open_database(load_settings().url) as database:
        again = deliveries.retry(database, numbers or None, now=datetime.now(UTC))
    err().print(f"{len(again)} will be sent again")
    left = sorted({*(numbers or ())} - {*again})
    if left:
        err().print(f"not dead: {', '.join(map(str, left))}")
    return ExitCode.BAD_INPUT if left else ExitCode.DONE


@deliveries_app.command()
def send() -> int:
    """Send what is due now, once, and say what became of it.

    Example:

        doctally process --all && doctally deliveries send
    """
    from db.database import open_database
    from doctally.errors import ConfigurationError
    from doctally.settings import load_settings
    from flows.deliver import deliver
    from flows.target import target_of

    settings = load_settings()
    target = target_of(settings)
    if target is None:
        raise ConfigurationError("no webhook_url is set (DOCTALLY_WEBHOOK_URL)")
    with open_database(settings.url) as database:
        sent = deliver(database, target, now=lambda: datetime.now(UTC))
    err().print(str(sent))
    return ExitCode.DONE if not sent.dead else ExitCode.OTHER
