"""``doctally users``: what an administrator types, and that no secret is in the arguments."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from db import tokens, users
from db.database import open_database
from doctally.cli.app import run
from doctally.cli.exits import ExitCode
from doctally.passwords import hashed, matches, outdated
from doctally.settings import Settings

PASSWORD = "correct horse battery"


@pytest.fixture
def password_file(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DOCTALLY_HOME", str(settings.home))
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\nsecond line\n")
    return str(file)


def test_a_password_is_kept_as_an_argon2id_hash_that_only_it_matches() -> None:
    kept = hashed(PASSWORD)
    assert kept.startswith("$argon2id$") and PASSWORD not in kept
    assert hashed(PASSWORD) != kept
    assert matches(kept, PASSWORD) and not outdated(kept)
    assert not matches(kept, PASSWORD + " ")
    assert not matches(None, PASSWORD)
    assert not matches(None, "the password of nobody")
    assert not matches("plain", "plain")
    assert outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$Zm9v")


def test_users_are_added_listed_changed_and_shut_out(
    settings: Settings, password_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["users", "add", "ben", "--password-file", password_file]) == ExitCode.USAGE
    assert "first user has to be an administrator" in capsys.readouterr().err
    added = run(["users", "add", "Anna", "--role", "admin", "--password-file", password_file])
    assert added == ExitCode.DONE
    assert run(["users", "add", "erp", "--role", "viewer", "--no-password"]) == ExitCode.DONE
    assert run(["users", "role", "erp", "reviewer"]) == ExitCode.DONE
    assert run(["users", "role", "erp", "king"]) == ExitCode.USAGE
    assert run(["users", "disable", "nobody"]) == ExitCode.USAGE
    assert "there is no user nobody" in capsys.readouterr().err
    assert run(["users", "list", "--json"]) == ExitCode.DONE
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(u["name"], u["role"], u["active"], u["password"]) for u in found] == [
        ("anna", "admin", True, True),
        ("erp", "reviewer", True, False),
    ]
    assert run(["users", "disable", "erp"]) == ExitCode.DONE
    assert run(["users", "list"]) == ExitCode.DONE
    assert "disabled" in capsys.readouterr().out
    assert run(["users", "enable", "erp"]) == ExitCode.DONE
    with open_database(settings.url) as database:
        kept = users.password_hash(database, "anna")
        assert matches(kept, PASSWORD)
        assert users.user(database, "erp").active


def test_a_token_is_printed_once_and_revoked_by_its_number(
    settings: Settings, password_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["users", "add", "anna", "--role", "admin", "--password-file", password_file])
    capsys.readouterr()
    assert run(["users", "token", "anna", "--label", "export"]) == ExitCode.DONE
    secret = capsys.readouterr().out.strip()
    assert secret.startswith(tokens.PREFIX)
    assert run(["users", "tokens", "--json"]) == ExitCode.DONE
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "token": 1,
        "user": "anna",
        "role": "viewer",
        "state": "valid",
        "label": "export",
    }
    assert run(["users", "revoke", "1"]) == ExitCode.DONE
    assert run(["users", "tokens"]) == ExitCode.DONE
    assert "revoked" in capsys.readouterr().out
    assert run(["users", "revoke", "2"]) == ExitCode.USAGE


def test_a_new_password_comes_from_standard_input_or_a_file_and_has_to_be_long(
    settings: Settings,
    password_file: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(["users", "add", "anna", "--role", "admin", "--password-file", password_file])
    monkeypatch.setattr("sys.stdin", io.StringIO("another long password\n"))
    assert run(["users", "password", "anna", "--password-file", "-"]) == ExitCode.DONE
    with open_database(settings.url) as database:
        assert matches(users.password_hash(database, "anna"), "another long password")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert run(["users", "password", "anna", "--password-file", "-"]) == ExitCode.USAGE
    assert "12 to 256 characters" in capsys.readouterr().err
    assert run(["users", "password", "anna"]) == ExitCode.USAGE
    assert "--password-file" in capsys.readouterr().err
    assert run(["users", "password", "anna", "--password-file", "/no/file"]) == ExitCode.USAGE


def test_there_is_no_option_that_takes_a_password(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("add", "password", "token"):
        assert run(["users", verb, "--help"]) == ExitCode.DONE
        assert "--password " not in capsys.readouterr().out
    assert run(["users", "add", "anna", "--password", "x"]) == ExitCode.USAGE
