"""``doctally up`` serves the review page beside Prefect, and takes it along when it ends."""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path

from test_flows_server import Running, wait_for

from flows.server import free_address


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_up_serves_the_page_says_where_and_stops_it(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "log.txt"
    port = free_address("127.0.0.1", 48_300, search=200).port
    up = Running(home, log, DOCTALLY_REVIEW="true", DOCTALLY_REVIEW_PORT=str(port))
    try:
        up.wait_until_ready()
        wait_for("the page", lambda: f"http://127.0.0.1:{port}" in log.read_text())
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
            assert page.status == 200 and b"doctally" in page.read()
        assert up.stop() == 0
        assert not answers(port)
    finally:
        if up.process.poll() is None:
            up.process.kill()
