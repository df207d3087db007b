"""The verbs that write: ``summarise`` a document for its reviewer, ``draft`` a letter about it.

Only what a record says is written: plain sentences, or a model's text where one is asked for, which
is checked against the record and gives way to the plain sentences where it fails.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from doctally.cli.exits import ExitCode
from doctally.cli.match import extractions
from doctally.cli.screen import err, out

if TYPE_CHECKING:
    from doctally.telling import Facts
    from models.writer import Said

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a text, for programs.")]
Writer = Annotated[
    str | None,
    typer.Option(help="plain, packaged, or a causal model's name or path; none: the setting."),
]
Papers = Annotated[
    list[Path],
    typer.Argument(help="Files or folders; .jsonl: lines of `extract --json`.", metavar="FILE..."),
]


def summarise(files: Papers, as_json: AsJson = False, writer: Writer = None) -> int:
    """Say in two sentences what a document says, for whoever has to look at it.

    Examples:

        doctally summarise invoice.pdf mail.eml

        doctally summarise inbox/ --writer packaged --json
    """
    from doctally.telling import digest_facts

    failed = 0
    told: list[tuple[str, Facts]] = []
    for name, found in extractions(files):
        failed += found is None
        if found is not None:
            told.append((name, digest_facts(found)))
    _print(told, as_json=as_json, writer=writer)
    return ExitCode.BAD_INPUT if failed else ExitCode.DONE


def draft(
    files: Papers,
    as_json: AsJson = False,
    writer: Writer = None,
    tolerances: Annotated[
        Path | None, typer.Option(help="TOML file of tolerances; none: that of the settings.")
    ] = None,
) -> int:
    """Write to the suppliers of papers that do not agree with their orders.

    The papers are matched as by `doctally match`; each that needs a look gets a letter, nothing is
    sent.

    Example: doctally draft order.pdf invoice.pdf
    """
    from doctally.matching import load_tolerances, paper_of, reconcile
    from doctally.settings import load_settings
    from doctally.telling import differences_of, draft_facts

    allowed = load_tolerances(tolerances or load_settings().tolerances)
    found = dict(extractions(files))
    known = {name: one for name, one in found.items() if one is not None}
    papers = [paper_of(one, paper_id=name) for name, one in known.items()]
    verdicts = reconcile([p for p in papers if p is not None], tolerances=allowed).verdicts
    told = []
    for verdict in verdicts:
        differences = differences_of(verdict, known[verdict.paper_id])
        if differences:
            told.append((verdict.paper_id, draft_facts(known[verdict.paper_id], differences)))
    if not told:
        err().print("nothing differs: there is nothing to write")
    _print(told, as_json=as_json, writer=writer)
    return ExitCode.BAD_INPUT if len(known) < len(found) else ExitCode.DONE


def _print(told: Sequence[tuple[str, Facts]], *, as_json: bool, writer: str | None) -> None:
    names = [name for name, _ in told]
    for name, said in zip(names, _texts([f for _, f in told], writer), strict=True):
        if as_json:
            row = {"file": name, "text": said.text, "by": said.by, "refused": list(said.refused)}
            typer.echo(json.dumps(row, ensure_ascii=False))
            continue
        out().print(f"[bold]{escape(name)}[/]")
        typer.echo(said.text + "\n")
        if said.refused:
            unfounded = escape(", ".join(said.refused))
            err().print(f"the model's text was refused ({unfounded}); these are plain sentences")


def _texts(facts: Sequence[Facts], writer: str | None) -> Sequence[Said]:
    """Return a text for each, in the order given."""
    from doctally.settings import load_settings
    from doctally.telling import PLAIN
    from models.writer import load_writer, plainly

    settings = load_settings()
    chosen = writer or settings.writer
    if chosen == PLAIN or not facts:
        return [plainly(one) for one in facts]
    return load_writer(
        chosen,
        kept=settings.home / "writer",
        prompts=settings.writing,
        threads=settings.threads,
    ).write(facts)
