"""``predict``: put one question of the bank to many texts, line by line."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from doctally.settings import Settings
    from models.engine import Engine

_AT_ONCE = 256


class Question(StrEnum):
    """The tasks that answer for a text."""

    SHIPMENT_STATUS = "shipment_status"
    ROUTE = "route"
    MATCH = "match"
    SUPPLIER = "supplier"


_NEEDED = {Question.MATCH: ("left", "right"), Question.SUPPLIER: ("name",)}


def predict(
    question: Annotated[Question, typer.Argument(help="What to ask.", metavar="TASK")],
    file: Annotated[
        Path,
        typer.Argument(
            help='JSONL of {"id", "text"}, for match {"id", "left", "right"}, for supplier '
            '{"id", "name", "text"}; - is stdin.'
        ),
    ],
    bank: Annotated[Path | None, typer.Option(help="Bank whose active version answers.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Answer a question of the bank for each line of a JSONL file.

    shipment_status: one of the nine canonical statuses of what a carrier wrote.
    route: the document type of a text.

    match: whether two records (texts, or objects with title, description, price) are one thing.

    supplier: the spend category that a supplier's name and lines speak for.

    Example: doctally predict shipment_status events.jsonl --json
    """
    from doctally.settings import load_settings
    from models.engine import Engine
    from models.events import as_reading
    from models.lineage import bank_of

    rows = _rows(file, needed=_NEEDED.get(question, ("text",)))
    settings = load_settings()
    chosen = bank or bank_of(settings)
    engine = Engine.load(
        backbone=settings.backbone,
        bank=chosen,
        threads=settings.threads,
        precision=settings.precision,
        device=settings.device,
    )
    task = "status" if question is Question.SHIPMENT_STATUS else "route"
    for first in range(0, len(rows), _AT_ONCE):
        part = rows[first : first + _AT_ONCE]
        if question is Question.MATCH:
            _compare(engine, part, as_json=as_json)
            continue
        if question is Question.SUPPLIER:
            _categorise(engine, part, settings, as_json=as_json)
            continue
        readings = [as_reading(str(row["text"])) for row in part]
        for row, (answer, score) in zip(part, engine.answers(task, readings), strict=True):
            found = {
                "id": row.get("id"),
                **_answer(question, answer, str(row["text"])),
                "score": round(score, 4),
            }
            if as_json:
                typer.echo(json.dumps(found, ensure_ascii=False))
            else:
                typer.echo(f"{_id(row):<12} {answer:<22} {score:.2f}  {row['text']}")


def _compare(engine: Engine, rows: list[dict[str, Any]], *, as_json: bool) -> None:
    from models.pairs import Pair

    asked = [Pair.of(row["left"], row["right"]) for row in rows]
    for row, pair, score in zip(rows, asked, engine.same(asked), strict=True):
        found = {"id": row.get("id"), "match": score >= 0.5, "score": round(score, 4)}
        if as_json:
            typer.echo(json.dumps(found, ensure_ascii=False))
        else:
            said = "same" if found["match"] else "different"
            both = f"{pair.left.text} | {pair.right.text}"
            typer.echo(f"{_id(row):<12} {said:<9} {score:.2f}  {both}")


def _categorise(
    engine: Engine, rows: list[dict[str, Any]], settings: Settings, *, as_json: bool
) -> None:
    from doctally.categories import load_categories
    from models.spend import Asked

    asked = [Asked(str(row["name"] or ""), str(row.get("text") or "")) for row in rows]
    listed = load_categories(settings.categories)
    answers = engine.categorise(asked, listed, settings.taught_categories)
    for row, one, (category, score) in zip(rows, asked, answers, strict=True):
        found = {"id": row.get("id"), "category": category, "score": round(score, 4)}
        if as_json:
            typer.echo(json.dumps(found, ensure_ascii=False))
        else:
            typer.echo(f"{_id(row):<12} {category:<26} {score:.2f}  {one.name}")


def _id(row: dict[str, Any]) -> str:
    return "" if row.get("id") is None else str(row["id"])


def _answer(question: Question, answer: str, text: str) -> dict[str, Any]:
    from doctally.exceptions import reason_of

    if question is Question.SHIPMENT_STATUS:
        return {"status": answer, "reason": reason_of(text, answer)}
    return {"document_type": answer}


def _rows(file: Path, *, needed: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the lines as objects; raises BadParameter naming the line that is none."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file} is no text in UTF-8") from error
    rows = []
    for number, line in enumerate(text.split("\n"), 1):  # a text may hold other line ends
        if not line.strip():
            continue
        place = f"{file}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise typer.BadParameter(f"{place} is no JSON: {error}") from error
        if not isinstance(row, dict):
            raise typer.BadParameter(f"{place} is no JSON object")
        if missing := [name for name in needed if row.get(name) is None]:
            raise typer.BadParameter(f"{place} has no {' and no '.join(map(repr, missing))}")
        rows.append(row)
    return rows
