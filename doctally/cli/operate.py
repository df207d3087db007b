"""The verbs that work on the inbox: ``up``, ``watch``, ``process``."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.logging import RichHandler
from rich.markup import escape

from doctally.cli.exits import ExitCode
from doctally.cli.screen import err, out, print_rows, progress, readable, row_line
from doctally.logs import json_lines

if TYPE_CHECKING:
    from doctally.settings import Settings
    from flows.batch import Batch
    from flows.home import Home
    from flows.server import Address

log = logging.getLogger("doctally.up")


class Narrator:
    """Says on stderr what the runner does."""

    def __init__(self) -> None:
        self.console = err()

    def starting(self, what: str) -> None:
        """Say what is being started."""
        self.console.print(f"starting the {what} ...", style="dim")

    def ready(self, home: Home, address: Address, review: str | None) -> None:
        """Say where to drop documents and where to look."""
        self.console.print()
        self.console.print(f"  Drop documents into  [bold]{escape(str(home.folders.inbox))}[/]")
        if review is not None:
            self.console.print(f"  Review page          [bold]{review}[/]")
        self.console.print(f"  Prefect UI           [bold]{address.ui}[/]")
        self.console.print(f"  Database             {escape(home.database.address)}")
        self.console.print("  Ctrl-C stops everything.\n")

    def finished(self, batch: Batch) -> None:
        """Say how each document of a batch ended."""
        for row in batch.rows():
            self.console.print(row_line(row), soft_wrap=True)


class Recorder(Narrator):
    """Writes what happens into the log instead, where every document has a line of its own."""

    def starting(self, what: str) -> None:
        """Note what is being started."""
        log.info("starting the %s", what)

    def ready(self, home: Home, address: Address, review: str | None) -> None:
        """Note that documents can be dropped, and the addresses."""
        log.info("ready: inbox %s, review %s, Prefect %s", home.folders.inbox, review, address.ui)

    def finished(self, batch: Batch) -> None:
        """Add nothing: ``flows.measure`` wrote of each document."""


def _narrator(settings: Settings) -> Narrator:
    return Recorder() if settings.log_format == "json" else Narrator()


def _logs(settings: Settings) -> None:
    if settings.log_format == "json":
        json_lines()
        return
    logging.getLogger("doctally.document").setLevel(logging.WARNING)  # the narrator says it
    handler = RichHandler(console=err(), show_path=False, rich_tracebacks=False)
    logger = logging.getLogger("doctally")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="In a folder of its own, with our sample documents.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="End when the inbox is done instead of watching on.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="Port of the Prefect server and UI.")] = None,
) -> int:
    """Start the Prefect server, watch the inbox and process what is dropped there.

    Everything it starts ends with it. A second start takes up what was left.

    Examples:

        doctally up

        doctally up --demo

        DOCTALLY_DATABASE_URL=postgresql://me@db/doctally doctally up
    """
    from doctally.settings import load_settings
    from flows.up import up as run

    settings = load_settings(port=port)
    _logs(settings)
    if demo:
        from doctally.cli.demo import demonstrate

        return demonstrate(settings, once=once)
    run(settings, _narrator(settings), until_idle=once)
    return ExitCode.DONE


def watch(
    once: Annotated[
        bool, typer.Option("--once", help="End when the inbox is done instead of watching on.")
    ] = False,
) -> int:
    """Watch and process like `up`, against the Prefect server of PREFECT_API_URL.

    Example:

        PREFECT_API_URL=http://prefect:4200/api doctally watch
    """
    from doctally.settings import load_settings
    from flows.up import watch as run

    settings = load_settings()
    _logs(settings)
    run(settings, _narrator(settings), until_idle=once)
    return ExitCode.DONE


def review(
    port: Annotated[int | None, typer.Option(help="Port of the review page.")] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to bind to; others than loopback need a user.")
    ] = None,
) -> int:
    """Serve the review page alone, without Prefect and without watching the inbox.

    `doctally up` serves it as well.

    Example:

        doctally review --port 4300
    """
    from doctally.review.serve import serve
    from doctally.settings import load_settings

    settings = load_settings(review_port=port, review_host=host)
    err().print(f"  Review page          [bold]{escape(settings.review_address)}[/]")
    err().print("  Ctrl-C stops it.")
    serve(settings)
    return ExitCode.DONE


def process(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files to copy into the inbox and process.", metavar="FILE..."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Process what is in the inbox now.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> int:
    """Process documents here and now, without a server, and keep the results in the database.

    The exit code is 2 if a document failed; the others are done.

    Examples:

        doctally process invoice.pdf

        doctally process --all --json
    """
    from doctally.settings import load_settings
    from flows.home import open_home
    from flows.once import process_all, process_files

    if bool(files) == everything:
        raise typer.TyperException("give FILES, or --all for what is in the inbox")
    failed = total = 0
    settings = load_settings()
    if settings.log_format == "json":
        json_lines()
    with open_home(settings) as home, progress("processing", len(files or [])) as bar:

        def told(_: object) -> None:
            bar.advance(bar.task_ids[0])

        batches = process_files(home, files, told=told) if files else process_all(home, told=told)
        for batch in batches:
            rows = batch.rows()
            failed += batch.counts().get("failed", 0)
            total += len(rows)
            bar.update(bar.task_ids[0], total=max(total, len(files or [])))
            if as_json:
                for row in rows:
                    typer.echo(json.dumps(asdict(row), ensure_ascii=False, default=str))
            else:
                print_rows(out(), rows)
    if not total:
        err().print(f"nothing to do in {escape(readable(home.folders.inbox))}")
    return ExitCode.BAD_INPUT if failed else ExitCode.DONE
