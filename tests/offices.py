"""Installations with documents in them, for tests of the API and the pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes import FakeEngine, drop, invoice_pdf

from doctally.review.office import Office, open_office
from doctally.settings import Settings
from flows.home import open_home
from flows.once import process_files

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def processed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with three invoices: 1 accepted, 2 in review, 3 failed; to be copied."""
    folder = tmp_path_factory.mktemp("given")
    files = [
        drop(folder, "a_sure.pdf", invoice_pdf("R-1")),
        drop(folder, "b_doubtful.pdf", invoice_pdf("R-2", words="UNSURE")),
        drop(folder, "c_broken.pdf", b"%PDF-1.7 broken"),
    ]
    settings = Settings(home=folder / "home", settle_s=0, readers=1, threads=1)
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        then = replace(home, now=lambda: NOW - timedelta(hours=1))
        for _ in process_files(then, files, told=lambda _: None):
            pass
    return settings.home


@pytest.fixture
def office(settings: Settings, processed: Path) -> Iterator[Office]:
    """Give an installation with the three documents and a limit of 2 MB a file."""
    shutil.copytree(processed, settings.home)
    given = settings.model_copy(update={"max_file_mb": 2})
    with open_office(given, now=lambda: NOW) as opened:
        yield opened
