"""Dashboard, upload, suppliers, versions, history and log-in in a real browser."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk import Sample, Served, chromium, fill, opened  # noqa: F401
from fakes import invoice_pdf
from playwright.sync_api import Browser, Page, expect

from db import audit, users
from doctally.passwords import hashed
from doctally.people import Role
from models import cards

expect.set_options(timeout=30_000)
PASSWORD = "correct horse battery"
PAGES = ("/dashboard", "/suppliers", "/bank", "/history/1", "/upload")


ROW = {
    "kind": "supplier",
    "group": "Bolt & Nut Ltd",
    "documents": 5,
    "fields": 60,
    "old_error": 0.25,
    "new_error": 0.05,
    "better": 13,
    "worse": 1,
    "p_worse": 1.0,
}


def bank(home: Path) -> None:
    """Give the home two versions of the bank, the newer one learnt from the older."""
    packaged = cards.active(cards.packaged_bank())
    folder = home / "bank"
    shutil.copytree(packaged.folder, folder / packaged.name)
    shutil.copytree(packaged.folder, folder / "newer0000000")
    told = {
        **packaged.card,
        "version": "newer0000000",
        "parent": packaged.name,
        "ancestors": [{"version": packaged.name}],
        "learnt": {"documents": 5, "compared": [ROW]},
    }
    (folder / "newer0000000" / cards.CARD).write_text(json.dumps(told))
    cards.promote(folder, "newer0000000")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("pages") / "home"
    fill(home, (Sample("invoice_en", doubtful=("due_date",)), Sample("receipt_en")))
    bank(home)
    page = Served(home)
    yield page
    page.stop()
    sys.stderr.write(page.log())


@pytest.fixture
def show(served: Served, chromium: Browser) -> Iterator[Callable[..., Page]]:  # noqa: F811
    """Give what opens a path in a browser of its own, and fails on what the console says."""
    pages: list[Page] = []
    said: list[str] = []

    def shown(path: str, **look: object) -> Page:
        page = opened(chromium, **look)  # type: ignore[arg-type]
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda m: said.append(m.text) if "Security Policy" in m.text else None)
        pages.append(page)
        page.goto(served.url + path)
        return page

    yield shown
    for page in pages:
        page.context.close()
    assert said == []


@pytest.mark.parametrize("look", [{}, {"width": 1024, "dark": True}], ids=["light", "dark"])
def test_every_page_fits_the_screen_and_passes_axe(
    show: Callable[..., Page], look: dict[str, object]
) -> None:
    for path in PAGES:
        page = show(path, **look)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= int(str(look.get("width", 1366))), path
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], path


def test_a_dropped_file_lands_in_the_inbox_and_is_in_the_trail(
    served: Served, show: Callable[..., Page]
) -> None:
    page = show("/upload")
    page.get_by_label("Folder").fill("acme/../2026")
    given = {"name": "new.pdf", "mimeType": "application/pdf", "buffer": invoice_pdf("R-7")}
    page.locator("input[type=file]").set_input_files([given])  # type: ignore[list-item]
    expect(page.get_by_role("cell", name="new.pdf")).to_be_visible()
    file = served.home / "inbox" / "acme" / "document" / "2026" / "new.pdf"
    assert file.read_bytes() == given["buffer"]
    with served.database() as database:
        assert [e.field for e in audit.trail(database) if e.action == "uploaded"] == [
            "acme/document/2026/new.pdf"
        ]
    file.unlink()


def test_history_and_suppliers_lead_to_the_document(show: Callable[..., Page]) -> None:
    page = show("/history/1")
    expect(page.get_by_role("cell", name="Claimed").first).to_be_visible()
    page.get_by_role("link", name="Open the document").click()
    page.wait_for_url("**/documents/1")
    page = show("/suppliers")
    row = page.get_by_role("row").filter(has_text="Jackson Energy & Co. Ltd")
    row.get_by_role("link").click()
    expect(page.get_by_role("status")).to_have_text("1 document")


def test_an_administrator_rolls_back_with_two_clicks_and_is_in_the_trail(
    served: Served, show: Callable[..., Page]
) -> None:
    page = show("/bank")
    expect(page.get_by_text("In use: newer0000000")).to_be_visible()
    row = page.get_by_role("row", name="Bolt & Nut Ltd")
    expect(row.get_by_role("cell", name="25.0%")).to_be_visible()
    expect(row.get_by_role("cell", name="5.0%", exact=False).last).to_be_visible()
    page.get_by_role("button", name="Roll back").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    before = cards.packaged_bank()
    expect(page.get_by_text(f"In use: {cards.active(before).name}")).to_be_visible()
    expect(page.get_by_role("cell", name="Rolled back from")).to_be_visible()
    assert cards.active(served.home / "bank").name == cards.active(before).name
    with served.database() as database:
        (entry,) = [e for e in audit.trail(database) if e.action == "bank_rolled_back"]
    assert entry.old == "newer0000000"


def test_with_users_a_viewer_logs_in_and_finds_nothing_to_change(
    served: Served, show: Callable[..., Page]
) -> None:
    now = datetime.now(UTC)
    with served.database() as database:
        for name, role in (("anna", Role.ADMIN), ("cleo", Role.VIEWER)):
            kept = hashed(PASSWORD)
            users.add(database, name, role=role, password_hash=kept, who="root", now=now)
    page = show("/bank")
    page.wait_for_url("**/login?next=/bank")
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Name").fill("cleo")
    page.get_by_label("Password").fill("wrong wrong wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/bank")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Roll back")).to_have_count(0)
    expect(page.get_by_role("link", name="Upload")).to_have_count(0)
    answer = page.goto(served.url + "/users")
    assert answer is not None and answer.status == 403
    page.goto(served.url + "/suppliers")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    page.goto(served.url + "/suppliers")
    page.wait_for_url("**/login?next=/suppliers")
