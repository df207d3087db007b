"""The verb ``serve-model``: one model for many workers."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from doctally.cli.exits import ExitCode
from doctally.cli.screen import err


def serve_model(
    port: Annotated[int | None, typer.Option(help="Port to listen at.")] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to bind to; others than loopback need a token.")
    ] = None,
) -> int:
    """Hold the model for workers that have DOCTALLY_MODEL_URL, on this machine or others.

    Examples:

        doctally serve-model

        DOCTALLY_MODEL_TOKEN_FILE=/run/secrets/model doctally serve-model --host 0.0.0.0
    """
    from doctally.logs import json_lines
    from doctally.settings import load_settings
    from flows.lending import serve

    settings = load_settings(model_port=port, model_host=host)
    if settings.log_format == "json":
        json_lines()

    def ready(address: str, version: str) -> None:
        err().print(f"  Model server         [bold]{escape(address)}[/]  (bank {escape(version)})")
        err().print("  Ctrl-C stops it.")

    err().print("starting the model ...", style="dim")
    serve(settings, ready=ready)
    return ExitCode.DONE
