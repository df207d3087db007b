"""What all tests share: the labelled documents, homes in temporary folders, no network."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import database, database_url, empty_database_url  # noqa: F401
from letters import post  # noqa: F401
from offices import office, processed  # noqa: F401
from people import cheap_hashes, sqlite  # noqa: F401

from doctally.settings import Settings

CHECKOUT = Path(__file__).resolve().parent.parent
LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "", None}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of labelled documents, which is no part of the project."""
    given = os.environ.get("DOCTALLY_SHARED_DATA")
    folder = Path(given) if given else CHECKOUT.parent / "shared" / "data"
    if not (folder / "contract.md").is_file():
        pytest.skip(f"no labelled documents at {folder}; set DOCTALLY_SHARED_DATA")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return an empty home folder."""
    return tmp_path / "home"


@pytest.fixture
def settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings of an empty home that settles at once, untouched by the environment."""
    for name in [n for n in os.environ if n.startswith("DOCTALLY_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(home.parent)
    return Settings(home=home, settle_s=0, readers=1, threads=1, scan_s=0.2)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and address[0] not in LOCAL:
            raise AssertionError(f"a test wants to talk to {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)
    yield
