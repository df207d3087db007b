"""Fixtures for tests of log-in and roles: a quick database, and hashes that cost nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from databases import _migrated
from sqlalchemy import make_url

from db.database import Database, open_database
from doctally import passwords


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """Give an opened SQLite database without rows."""
    file = tmp_path / "people.db"
    shutil.copy(str(make_url(_migrated("sqlite")).database), file)
    with open_database(f"sqlite:///{file}") as opened:
        yield opened


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a hash take microseconds; what real ones are is tested in test_cli_users."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)
    passwords._nobody.cache_clear()
