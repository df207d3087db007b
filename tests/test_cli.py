from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas
import pytest
from fakes import FakeEngine, drop, invoice_pdf

from doctally.cli.app import run
from doctally.cli.exits import ExitCode, code_of
from doctally.errors import (
    AccessDenied,
    ConfigurationError,
    DoctallyError,
    MissingDependency,
    UnreadableDocument,
)
from doctally.settings import Settings
from flows import extract as extraction
from flows import home as homes

ROOT = Path(__file__).resolve().parent.parent
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def chosen(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Return settings of an empty home that the command line will find, with the fake engine."""
    monkeypatch.setenv("DOCTALLY_HOME", str(settings.home))
    monkeypatch.setenv("DOCTALLY_READERS", "1")
    monkeypatch.setenv("DOCTALLY_SETTLE_S", "0")
    monkeypatch.setattr(extraction, "shared_engine", lambda _: FakeEngine())
    real = homes.open_home
    monkeypatch.setattr(homes, "open_home", lambda s: real(s, load_engine=lambda _: FakeEngine()))
    return settings


def test_every_error_has_its_exit_code() -> None:
    codes = {
        UnreadableDocument("x"): 2,
        ConfigurationError("x"): 1,
        MissingDependency("x"): 3,
        AccessDenied("x"): 5,
        DoctallyError("x"): 15,
        KeyboardInterrupt(): 130,
    }
    assert {error: int(code_of(error)) for error in codes} == codes


def test_help_names_every_verb_with_an_example_for_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["--help"]) == 0
    told = ANSI.sub("", capsys.readouterr().out)
    verbs = ["up", "watch", "process", "extract", "export", "train", "evaluate", "bank"]
    verbs += ["status", "doctor", "settings"]
    assert [verb for verb in verbs if not re.search(rf"^│ {verb} ", told, re.MULTILINE)] == []
    for verb in set(verbs) - {"bank"}:
        assert run([verb, "--help"]) == 0
        assert "Example" in capsys.readouterr().out, verb


def test_the_first_look_imports_neither_torch_nor_prefect_nor_pandas() -> None:
    program = (
        "import sys; from doctally.cli.app import run; run(['--help'])\n"
        "heavy = {'torch', 'transformers', 'prefect', 'pandas', 'sqlalchemy', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert told.stderr.strip() == "[]"


def test_wrong_usage_ends_with_1_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["extract"]) == ExitCode.USAGE
    assert "Missing argument" in ANSI.sub("", capsys.readouterr().err)
    assert run(["process"]) == ExitCode.USAGE
    assert "--all" in ANSI.sub("", capsys.readouterr().err)
    assert run(["no-such-verb"]) == ExitCode.USAGE


def test_extract_prints_one_object_a_line_and_goes_on_after_a_bad_file(
    chosen: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = drop(tmp_path, "good.pdf", invoice_pdf("R-1"))
    bad = drop(tmp_path, "bad.pdf", b"")
    last = drop(tmp_path, "last.pdf", invoice_pdf("R-2", words="POISON"))
    code = run(["extract", str(bad), str(good), str(last), "--json"])
    assert code == ExitCode.BAD_INPUT
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["file"], one["outcome"]) for one in told] == [
        (str(bad), "failed"),
        (str(good), "accepted"),
        (str(last), "failed"),
    ]
    assert [f["code"] for one in told for f in one["findings"] if one["outcome"] == "failed"] == [
        "empty_file",
        "engine_error",
    ]
    found = told[1]
    assert set(found) == {
        "file",
        "document_type",
        "route_confidence",
        "fields",
        "line_items",
        "findings",
        "outcome",
    }
    assert found["fields"]["total_gross"]["value"] == "119.00"
    assert {"value", "confidence", "page", "bbox"} <= set(found["fields"]["total_gross"])
    assert not chosen.home.exists()


def test_extract_reads_folders_and_prints_for_people(
    chosen: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drop(tmp_path, "in/a.pdf", invoice_pdf("R-1"))
    drop(tmp_path, "in/.DS_Store", b"x")
    assert run(["extract", str(tmp_path / "in")]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "R-1" in told and "accepted" in told and "DS_Store" not in told


def test_process_status_and_export_tell_the_same_story(
    chosen: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = drop(tmp_path, "good.pdf", invoice_pdf("R-1"))
    bad = drop(tmp_path, "bad.pdf", b"%PDF-1.4 cut")
    assert run(["process", str(good), str(bad), "--json"]) == ExitCode.BAD_INPUT
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["file"]: row["state"] for row in rows} == {
        "good.pdf": "accepted",
        "bad.pdf": "failed",
    }
    assert run(["status", "--json"]) == ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["inbox"], told["states"]) == (0, {"accepted": 1, "failed": 1})
    target = tmp_path / "invoices.xlsx"
    assert run(["export", "invoices", "--to", str(target)]) == ExitCode.DONE
    assert list(pandas.read_excel(target)["document_number"]) == ["R-1"]
    capsys.readouterr()
    assert run(["export", "invoices"]) == ExitCode.DONE
    assert "R-1" in capsys.readouterr().out
    folder = tmp_path / "handover"
    assert run(["export", "invoices", "--format", "ubl", "--to", str(folder)]) == ExitCode.DONE
    [file] = folder.iterdir()
    assert file.name.endswith("-R-1.xml")
    assert b">119.00</cbc:TaxInclusiveAmount>" in file.read_bytes()
    assert run(["export", "receipts", "--format", "ubl", "--to", str(folder)]) == ExitCode.USAGE
    assert run(["export", "invoices", "--format", "edi", "--to", str(folder)]) == ExitCode.USAGE
    assert run(["export", "nonsense"]) == ExitCode.USAGE
    assert "invoices" in capsys.readouterr().err
    assert run(["process", "--all"]) == ExitCode.DONE
    assert "nothing to do" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_no_access(
    chosen: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["process", "missing.pdf"]) == ExitCode.NO_ACCESS
    assert "missing.pdf" in capsys.readouterr().err


def test_settings_are_shown_without_passwords(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCTALLY_DATABASE_URL", "postgresql://me:secret@db/doctally")
    assert run(["settings", "--json"]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert json.loads(told)["database_url"] == "postgresql://me:***@db/doctally"
    monkeypatch.setenv("DOCTALLY_BATCH_SIZE", "many")
    assert run(["settings"]) == ExitCode.USAGE
    assert "batch_size" in capsys.readouterr().err


def test_watch_refuses_without_a_server_and_says_what_to_do(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert run(["watch"]) == ExitCode.USAGE
    assert "doctally up" in capsys.readouterr().err
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert run(["watch"]) == ExitCode.NO_ACCESS


def test_doctor_names_what_is_wrong_and_ends_with_its_code(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows import engine

    monkeypatch.setattr(engine, "shared_engine", lambda _: FakeEngine())
    assert run(["doctor", "--json"]) == ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] and {c["check"] for c in told["checks"]} >= {
        "database",
        "ocr",
        "model",
        "port",
    }
    monkeypatch.setenv("DOCTALLY_DATABASE_URL", "mysql://db/x")
    assert run(["doctor"]) == ExitCode.USAGE
    assert "mysql" in capsys.readouterr().out


def test_no_colour_means_no_colour(chosen: Settings, tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "doctally.cli", "status"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "", "PYTHONPATH": str(ROOT)},
    )
    assert told.returncode == 0 and "\x1b[3" not in told.stdout


def test_the_settings_table_of_the_manual_is_that_of_the_code() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text()
    text = manual.partition("## Settings")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", text, re.MULTILINE))
    assert rows == {name: info.description for name, info in Settings.model_fields.items()}
