"""What changed since the last start is said once, without secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from doctally.settings import Settings
from flows.announce import FILE, changes


def test_nothing_is_said_at_the_first_start_and_while_nothing_changes(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert changes(tmp_path, settings) == []
    assert changes(tmp_path, settings) == []


def test_a_setting_that_somebody_changed_is_said_with_both_values(tmp_path: Path) -> None:
    changes(tmp_path, Settings(home=tmp_path))
    settings = Settings(home=tmp_path, batch_size=8)
    assert changes(tmp_path, settings) == ["batch_size is '8' now, it was '32'"]
    assert changes(tmp_path, settings) == []


def test_another_version_tells_its_new_its_gone_and_its_other_defaults(tmp_path: Path) -> None:
    changes(tmp_path, Settings(home=tmp_path, scan_s=7))
    before = json.loads((tmp_path / FILE).read_text())
    before["version"] = "0.0.1"
    for what in ("values", "defaults"):
        before[what]["batch_size"] = "16"
        before[what]["colour"] = "red"
        del before[what]["poll"]
    (tmp_path / FILE).write_text(json.dumps(before))
    said = changes(tmp_path, Settings(home=tmp_path, scan_s=7))
    assert said[0].startswith("doctally was 0.0.1")
    assert said[1:] == [
        "new setting poll, now 'False': watch by polling (network shares)",
        "the default of batch_size is '32' now, it was '16'",
        "the setting colour is gone; it was 'red'",
    ]


def test_secrets_and_passwords_of_addresses_are_never_written(tmp_path: Path) -> None:
    secret = "hunter2-and-more"
    given = {"webhook_secret": SecretStr(secret), "imap_password": SecretStr(secret)}
    url = f"postgresql://me:{secret}@db.example/doctally?password={secret}"
    hook = f"https://x:{secret}@example.org/hook?token={secret}"
    changes(tmp_path, Settings(home=tmp_path))
    said = changes(tmp_path, Settings(home=tmp_path, database_url=url, webhook_url=hook, **given))
    assert len(said) == 4
    assert secret not in (tmp_path / FILE).read_text() + str(said)
    assert "database_url is 'postgresql://db.example/doctally' now, it was ''" in said


@pytest.mark.parametrize("content", ["", "no JSON", "[]", '{"version": 3}'])
def test_a_note_that_is_damaged_is_written_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    assert changes(tmp_path, Settings(home=tmp_path)) == []
    assert json.loads((tmp_path / FILE).read_text())["values"]["batch_size"] == "32"
