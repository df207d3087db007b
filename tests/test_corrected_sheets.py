"""The round trip of a sheet: doubtful values out, corrected ones back, nothing believed blindly."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pandas
import pytest
from openpyxl import load_workbook
from tiny import page_of
from typer.testing import CliRunner

from db import corrections, documents
from db.claims import Incoming
from db.database import Database, open_database
from db.store import Stored
from doctally.cli.app import app
from doctally.corrections import CorrectionKind
from doctally.errors import BadDocument
from doctally.export import write_table
from doctally.pages import Reading
from doctally.results import Extraction, FieldValue, Finding, Severity, State
from doctally.settings import Settings
from flows.corrected import Applied, apply
from flows.folders import Folders
from flows.home import open_home
from flows.review import Desk
from flows.sheets import COLUMNS, doubtful

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
LINES = ({"description": FieldValue("=cmd|bolts", 0.9), "quantity": FieldValue("2", 0.4)},)
FOUND = Extraction(
    "invoice",
    0.9,
    {
        "document_number": FieldValue("RE-1", 0.9, 1),
        "supplier_name": FieldValue("=HYPERLINK(1)", 0.5, 1),
        "total_gross": FieldValue("1191.00", 0.4, 1),
    },
    LINES,
    "bank-1",
)
LOW = Finding("low_confidence", Severity.REVIEW, "low", ("supplier_name", "total_gross"))


def put(database: Database, number: int = 1) -> int:
    file = Incoming(f"{number:064x}", "bill.pdf", (), 9)
    (claim,) = documents.claim(database, [file], owner="a", now=NOW, lease_s=60)
    page = page_of("invoice RE-1", "total 1.191,00")
    reading = Reading("application/pdf", (page,))
    row = Stored(claim.document_id, reading, FOUND, (LOW,), State.REVIEW, "low_confidence", "x")
    documents.store(database, [row], owner="a", now=NOW)
    return claim.document_id


def sheet(database: Database, path: Path, correct: dict[tuple[str, int | None], str]) -> Path:
    """Write the sheet of all doubtful documents with these cells filled in."""
    frame = doubtful(database, now=NOW)
    for index, row in frame.iterrows():
        line = None if pandas.isna(row["line"]) else int(row["line"])
        frame.loc[index, "correct"] = correct.get((row["field"], line))  # type: ignore[index]
    write_table(frame, path)
    return path


def given(database: Database, path: Path) -> Applied:
    return apply(Desk(database), path, who="ann", now=NOW)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_corrected_sheet_confirms_its_documents(
    database: Database, tmp_path: Path, suffix: str
) -> None:
    number = put(database)
    right = {
        ("total_gross", None): "119.00",
        ("supplier_name", None): "-",
        ("document_number", None): "OK",
        ("quantity", 1): "3",
    }
    done = given(database, sheet(database, tmp_path / f"a{suffix}", right))
    assert done == Applied((number,), 3, ())
    found = documents.document(database, number)
    assert found.summary.state is State.CONFIRMED and found.extraction is not None
    values = {n: v.value for n, v in found.extraction.fields.items()}
    assert values == {"document_number": "RE-1", "total_gross": "119.00"}
    assert found.extraction.line_items[0]["quantity"].value == "3"
    kinds = {c.correction.field: c.correction.kind for c in corrections.corrections(database)}
    assert kinds["total_gross"] is CorrectionKind.CHANGED
    assert kinds["supplier_name"] is CorrectionKind.REMOVED
    assert kinds["document_number"] is CorrectionKind.CONFIRMED


def test_values_of_strangers_are_no_formulas_in_either_sheet(
    database: Database, tmp_path: Path
) -> None:
    put(database)
    text = sheet(database, tmp_path / "a.csv", {}).read_text()
    assert "'=HYPERLINK(1)" in text and ",=HYPERLINK" not in text
    book = load_workbook(sheet(database, tmp_path / "a.xlsx", {}))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert any(cell.value == "=HYPERLINK(1)" for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)


def test_a_formula_comes_back_as_the_text_it_was(database: Database, tmp_path: Path) -> None:
    put(database)
    done = given(database, sheet(database, tmp_path / "a.csv", {("supplier_name", None): "ok"}))
    assert done.refused == () and len(done.confirmed) == 1


def rewritten(path: Path, **changes: str) -> Path:
    """Change cells of the total's row."""
    rows = list(csv.DictReader(path.open(newline="")))
    for row in rows:
        if row["field"] == "total_gross":
            row.update(changes)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"document": "4711"}, "no document 4711"),
        ({"document": "../1"}, "no such document"),
        ({"id": "0" * 32}, "another document's"),
        ({"field": "__class__"}, "no field"),
        ({"field": "due_dat"}, "no field"),
        ({"line": "999"}, "no line"),
        ({"value": "7.00"}, "now, not what the sheet says"),
        ({"correct": "=1+1"}, "no value of total_gross"),
        ({"correct": "soon"}, "no value of total_gross"),
    ],
)
def test_a_row_that_cannot_be_believed_leaves_its_document_alone(
    database: Database, tmp_path: Path, changes: dict[str, str], reason: str
) -> None:
    number = put(database)
    path = sheet(database, tmp_path / "a.csv", {("total_gross", None): "119.00"})
    done = given(database, rewritten(path, **changes))
    (refused,) = done.refused
    assert done.confirmed == () and reason in refused.reason
    rows = path.read_text().splitlines()
    assert "total_gross" in rows[refused.row - 1] or changes["field"] in rows[refused.row - 1]
    assert documents.document(database, number).summary.state is State.REVIEW


def test_a_document_with_one_bad_row_does_not_hold_up_the_others(
    database: Database, tmp_path: Path
) -> None:
    bad, good = put(database, 1), put(database, 2)
    path = sheet(database, tmp_path / "a.csv", {("total_gross", None): "119.00"})
    rows = list(csv.DictReader(path.open(newline="")))
    for row in rows:
        if row["document"] == str(bad) and row["field"] == "total_gross":
            row["correct"] = "soon"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    done = given(database, path)
    assert (done.confirmed, [r.document for r in done.refused]) == ((good,), [str(bad)])


def test_what_is_no_sheet_is_refused(database: Database, tmp_path: Path) -> None:
    text = tmp_path / "a.csv"
    text.write_text("a,b\n1,2\n")
    with pytest.raises(BadDocument, match="lacks: document"):
        given(database, text)
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(BadDocument):
        given(database, tmp_path / "b.xlsx")
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 600_000_000)
    with pytest.raises(BadDocument):
        given(database, tmp_path / "c.xlsx")


def test_a_sheet_dropped_into_the_inbox_is_applied_and_kept(
    settings: Settings, tmp_path: Path
) -> None:
    folders = Folders(settings.home.resolve())
    folders.create()
    dropped = folders.inbox / "corrections"
    dropped.mkdir()
    with open_home(settings) as home:
        number = put(home.database)
        sheet(home.database, dropped / "fine.csv", {("total_gross", None): "119.00"})
        (dropped / "bad.csv").write_text("a,b\n1,2\n")
        assert home.intake().nothing
        assert documents.document(home.database, number).summary.state is State.CONFIRMED
        assert {c.who for c in corrections.corrections(home.database)} == {"file fine.csv"}
    assert list(dropped.iterdir()) == []
    assert len(list((folders.home / "processed").rglob("corrections-*-fine.csv"))) == 1
    (reason,) = folders.failed.glob("corrections-*-bad.csv.*")
    assert "lacks" in reason.read_text()


def test_the_command_line_writes_and_takes_a_sheet(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCTALLY_HOME", str(settings.home))
    settings.home.mkdir(parents=True)
    with open_database(settings.url) as database:
        number = put(database)
    path = tmp_path / "sheet.csv"
    told = CliRunner().invoke(app, ["corrections", "export", str(path)])
    assert told.exit_code == 0 and "RE-1" in path.read_text()
    done = CliRunner().invoke(
        app, ["corrections", "import", str(rewritten(path, correct="119.00")), "--json"]
    )
    assert json.loads(done.stdout) == {"confirmed": [number], "changed": 1, "refused": []}
    again = CliRunner().invoke(app, ["corrections", "import", str(path)])
    assert "now, not what the sheet says" in " ".join(again.stdout.split())
