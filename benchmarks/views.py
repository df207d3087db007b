"""Every view of the review page at two sizes, as pictures: python -m benchmarks.views FOLDER.

    python -m benchmarks.views FOLDER [--bank HOME/bank] [--only queue document]

Fills a home with our samples, some of their values doubtful or wrong, and made-up documents of
the last forty days, opens each view in Chromium as on a desk (1366 x 768, light) and on an upright
tablet (820 x 1180, dark), and writes one PNG each. Ends with an error if the browser reported one.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.dashboard import fill as made_up
from db import users
from db.database import open_database
from db.tables import DocumentRow
from doctally.passwords import hashed
from doctally.people import Role

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

MADE_UP, FROM = 900, 1_000
SIZES = {"desk": (1366, 768, False), "tablet": (820, 1180, True)}
COLOURS = 255
"""A screenshot has few; with a palette it is a third as large."""


@dataclass(frozen=True)
class View:
    """A view: its address, what must be seen before the picture, what is done before it."""

    path: str
    seen: str
    then: Callable[[Page], object] = lambda page: None


def views(ids: dict[str, int]) -> dict[str, View]:
    """Return all views by name; ``ids`` are the documents' by file."""
    bill, focused = f"/documents/{ids['invoice_en.pdf']}", ".dt-desk [data-field]:focus"
    return {
        "queue": View("/", ".dt-queue tbody tr"),
        "document": View(bill, focused),
        "lines": View(bill, focused, _lines),
        "beside": View(bill, focused, _beside),
        "typing": View(f"/documents/{ids['invoice_de.pdf']}", focused, _wrong),
        "scan": View(f"/documents/{ids['invoice_scan.jpg']}", focused, _larger),
        "data": View(f"/documents/{ids['data.xml']}", ".dt-desk .dt-text"),
        "keys": View(bill, focused, partial(_asked, key="Alt+?")),
        "reject": View(bill, focused, partial(_asked, key="Alt+r")),
        "past": View(
            bill, focused, lambda page: page.get_by_role("button", name="History").click()
        ),
        "failed": View(f"/documents/{ids['broken.pdf']}", "h1"),
        "history": View(f"/history/{ids['invoice_en.pdf']}", "h1"),
        "upload": View("/upload", ".dt-drop"),
        "dashboard": View("/dashboard", "canvas, svg", _whole),
        "suppliers": View("/suppliers", "h1"),
        "bank": View("/bank", "h1"),
        "api": View("/docs", "#swagger-ui .opblock"),
    }


def _asked(page: Page, key: str) -> None:
    page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_be_visible(timeout=60_000)


def _lines(page: Page) -> None:
    page.locator(".dt-desk .ag-root").scroll_into_view_if_needed()
    page.locator('.dt-desk .ag-row[row-index="1"] [col-id="quantity"]').click()


def _beside(page: Page) -> None:
    expect(page.locator(".dt-desk .ag-row").first).to_be_attached()
    page.get_by_role("region", name="Line against line").scroll_into_view_if_needed()


def _wrong(page: Page) -> None:
    page.locator(".dt-desk [data-field=due_date]").fill("32.13.2025")
    page.locator(".dt-desk [data-field=issue_date]").focus()


def _larger(page: Page) -> None:
    for _ in range(3):
        page.get_by_role("button", name="Larger").click()


def _whole(page: Page) -> None:
    page.wait_for_timeout(1500)
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    width = int(page.evaluate("innerWidth"))
    page.set_viewport_size({"width": width, "height": min(height, 2600)})


@contextmanager
def home(bank: Path | None) -> Iterator[tuple[Path, dict[str, int]]]:
    """Give a home with documents in all states, and their ids by file."""
    from desk import Sample, fill
    from fakes import invoice_pdf
    from test_review_page import ORDER, SAMPLES

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "home"
        more = {"data.xml": ORDER.encode(), "broken.pdf": b"%PDF-1.4 cut"}
        more["pages.pdf"] = invoice_pdf("R-9", words="UNSURE", pages=3)
        for name, content in more.items():
            (place.parent / name).write_bytes(content)
        scan = Sample("invoice_scan", doubtful=("supplier_address",))
        ids = fill(place, (*SAMPLES, scan), *(place.parent / name for name in more))
        with open_database(f"sqlite:///{place / 'doctally.db'}") as database:
            made_up(database, FROM, MADE_UP, random.Random(7))
            with database.write() as session:
                for number in ids.values():
                    session.get_one(DocumentRow, number).priority += 100
        if bank is not None:
            shutil.copytree(bank, place / "bank")
        yield place, ids


def taken(browser: Browser, address: str, size: str, view: View, file: Path) -> list[str]:
    """Write a picture of a view; return what the browser reported."""
    width, height, dark = SIZES[size]
    look = "dark" if dark else "light"
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=look, reduced_motion="reduce"
    )
    said: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: said.append(f"{file.stem}: {error}"))
    page.set_default_timeout(60_000)
    page.goto(address + view.path)
    expect(page.locator(view.seen).first).to_be_visible(timeout=60_000)
    view.then(page)
    page.wait_for_timeout(1500)
    page.screenshot(path=file)
    if page.locator(".dt-desk").count():  # give the document back for the next picture
        page.evaluate("document.querySelector('nav a[href=\"/\"]').click()")
        expect(page.locator(".dt-queue tbody tr").first).to_be_attached()
    context.close()
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    return said


def main() -> None:
    """Write the pictures and print their names."""
    from desk import Served

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bank", type=Path, help="a bank with learnt versions to show")
    parser.add_argument("--only", nargs="*", help="names of views")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    said: list[str] = []
    with home(given.bank) as (place, ids), sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])

        def pictures(served: Served, wanted: dict[str, View]) -> None:
            for name, view in wanted.items():
                for size in SIZES:
                    if not given.only or name in given.only:
                        file = given.folder / f"{name}_{size}.png"
                        said.extend(taken(browser, served.url, size, view, file))
                        print(file, flush=True)

        served = Served(place)
        try:
            pictures(served, views(ids))
            with served.database() as database:
                kept, now = hashed("a long password"), datetime.now(UTC)
                users.add(database, "anna", role=Role.ADMIN, password_hash=kept, who="", now=now)
            served.stop()
            served.start()
            pictures(served, {"login": View("/", "h1")})
        finally:
            served.stop()
        browser.close()
    if said:
        raise SystemExit("\n".join(said))


if __name__ == "__main__":
    main()
