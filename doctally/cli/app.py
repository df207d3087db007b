"""The verbs of ``doctally``; heavy imports happen inside them, so that --help is quick."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import typer

from doctally.cli import (
    document,
    evaluate,
    keep,
    learn,
    lend,
    look,
    match,
    model,
    operate,
    predict,
    shipments,
    write,
)
from doctally.cli.bank import bank_app
from doctally.cli.categories import suppliers_app
from doctally.cli.corrections import corrections_app
from doctally.cli.deliveries import deliveries_app
from doctally.cli.exits import ExitCode, code_of
from doctally.cli.users import users_app
from doctally.errors import DoctallyError

app = typer.Typer(
    name="doctally",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Invoices, orders and shipment notices from a watched folder into validated SQL rows.",
    epilog="Exit codes: 0 done, 1 usage, 2 bad input, 3 missing dependency, 5 no access, "
    "15 other, 130 interrupted. Settings: DOCTALLY_* or doctally.toml; see `doctally settings`.",
)
_VERBS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("Run", operate.up),
    ("Run", operate.watch),
    ("Run", operate.review),
    ("Run", operate.process),
    ("Run", lend.serve_model),
    ("Documents", document.extract),
    ("Documents", document.export),
    ("Documents", match.match),
    ("Documents", shipments.shipments),
    ("Documents", write.summarise),
    ("Documents", write.draft),
    ("Model", learn.learn),
    ("Model", model.train),
    ("Model", evaluate.evaluate),
    ("Model", predict.predict),
    ("Look", look.status),
    ("Look", look.doctor),
    ("Look", look.settings),
    ("Documents", keep.purge),
    ("Documents", keep.backup),
    ("Documents", keep.restore),
)
for panel, verb in _VERBS:
    app.command(rich_help_panel=panel)(verb)
app.add_typer(corrections_app, name="corrections", rich_help_panel="Documents")
app.add_typer(deliveries_app, name="deliveries", rich_help_panel="Documents")
app.add_typer(suppliers_app, name="suppliers", rich_help_panel="Documents")
app.add_typer(users_app, name="users", rich_help_panel="Run")
app.add_typer(bank_app, name="bank", rich_help_panel="Model")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"doctally {version('doctally')}")
        raise typer.Exit


@app.callback()
def every_verb(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
    home: str | None = typer.Option(
        None, "--home", envvar="DOCTALLY_HOME", help="Folder of inbox/, processed/, the database."
    ),
) -> None:
    """Settings that every verb shares."""
    if home:
        os.environ["DOCTALLY_HOME"] = home


def run(arguments: Sequence[str]) -> int:
    """Return the exit code of a command line; messages go to stderr."""
    try:
        ended = app(list(arguments), prog_name="doctally", standalone_mode=False)
    except typer.TyperException as error:
        from typer import rich_utils

        rich_utils.rich_format_error(error)  # type: ignore[arg-type]  # all of Typer's are
        return ExitCode.USAGE
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitCode.DONE
    except DoctallyError as error:
        typer.echo(f"doctally: {error.message}", err=True)
        return code_of(error)
    return int(ended or 0)
