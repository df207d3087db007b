"""``doctally match`` on a folder, and what the flow ``reconcile`` shows."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from db.exceptions import OpenException
from doctally.cli.app import run
from flows.matching import exception_rows
from flows.reconcile import summary

LINE = {"description": "hex bolt M8 x 30", "quantity": "100", "unit": "pcs"}
PRICED = {**LINE, "unit_price": "0.25", "amount_net": "25.00"}


def printed(file: str, kind: str, line: dict[str, str], **fields: str) -> str:
    given = {"supplier_name": "Acme Tools GmbH", **fields}
    return json.dumps(
        {
            "file": file,
            "document_type": kind,
            "fields": {name: {"value": value} for name, value in given.items()},
            "line_items": [{name: {"value": value} for name, value in line.items()}],
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    dearer = {**PRICED, "unit_price": "0.30", "amount_net": "30.00"}
    money = {"currency": "EUR", "total_gross": "35.70", "issue_date": "2024-03-20"}
    lines = [
        printed("order.pdf", "purchase_order", PRICED, document_number="PO-4711", currency="EUR"),
        printed("note.pdf", "shipment_notice", LINE, document_number="D1", order_number="4711"),
        printed("bill.pdf", "invoice", dearer, document_number="R1", order_number="4711", **money),
        printed("letter.pdf", "other", {}),
    ]
    (tmp_path / "read.jsonl").write_text("\n".join(lines))
    return tmp_path


def test_a_folder_is_reconciled_and_told_as_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["match", str(folder), "--json"]) == 0
    told = {row["file"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert set(told) == {"note.pdf", "bill.pdf"}
    bill = told["bill.pdf"]
    assert (bill["decision"], bill["at_stake"], bill["currency"]) == ("review", "5.00", "EUR")
    assert bill["orders"] == [{"order": "order.pdf", "how": "number", "score": 0.95}]
    assert [(r["code"], r["line"], r["amount"]) for r in bill["reasons"]] == [
        ("price_above_order", 1, "5.00")
    ]
    assert bill["lines"][0]["order_line"] == 1


def test_the_table_shows_decision_and_amount(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    tolerant = folder / "tolerances.toml"
    tolerant.write_text("[default]\nprice_percent = 25\n")
    assert run(["match", str(folder / "read.jsonl")]) == 0
    assert "price_above_order" in capsys.readouterr().out
    assert run(["match", str(folder / "read.jsonl"), "--tolerances", str(tolerant)]) == 0
    shown = capsys.readouterr().out
    assert "price_above_order" not in shown
    assert "approve" in shown


def test_a_line_that_is_no_result_is_named(folder: Path) -> None:
    (folder / "read.jsonl").write_text('{"file": "a.pdf"}\n')
    assert run(["match", str(folder / "read.jsonl")]) != 0


def unframed(told: str) -> str:
    return " ".join(told.replace("│", " ").split())


def test_a_folder_that_is_not_there_and_one_without_papers_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["match", str(tmp_path / "nowhere")]) == 1
    assert "is not there" in unframed(capsys.readouterr().err)
    assert run(["match", str(tmp_path)]) == 0
    assert "orders, deliveries and bills: 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "said"),
    [("{", "line 2 is no JSON"), ("7", "line 2 is no JSON object"), ("{}", "has no 'left'")],
)
def test_a_line_that_is_no_question_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    asked = tmp_path / "asked.jsonl"
    asked.write_text(f'{{"left": "a\u2028b", "right": "c"}}\n{line}\n')
    assert run(["predict", "match", str(asked), "--json"]) == 1
    assert said in unframed(capsys.readouterr().err)


def test_open_exceptions_are_harmless_and_summed_by_reason() -> None:
    def one(code: str, amount: str, supplier: str) -> OpenException:
        return OpenException(
            7,
            "invoice",
            "R1",
            supplier,
            "hold",
            code,
            None,
            Decimal(amount),
            "EUR",
            "[x](http://e)",
        )

    found = [
        one("quantity_over", "5.00", "A"),
        one("quantity_over", "7.50", "<b>"),
        one("tax", "1", ""),
    ]
    rows = exception_rows(found)
    assert rows[0]["at stake"] == "5.00 EUR"
    assert "<" not in rows[1]["supplier"]
    assert "[" not in rows[0]["said"]
    assert rows[0]["document"] == "7"
    assert exception_rows(found, "http://x")[0]["document"] == "[7](http://x/documents/7)"
    assert "| quantity over | 2 | 12.50 EUR |" in summary(found)
    assert summary([]) == "Nothing is open."
