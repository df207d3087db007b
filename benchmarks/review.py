"""How quick the review page is: python -m benchmarks.review --documents 100000.

Fills a home with our samples and copies of made-up documents, times the queue's queries, then
opens the page in Chromium and times what a clerk waits for, measured in the browser: from the key,
click or address to the frame with the change. A document is seen when form and picture are on
the screen, ready when its first doubt has the focus; by its address a new tab opens it, with the
scripts in the browser's cache. Printed are median, 95th percentile and best
of the repetitions with the load of the machine, which these times depend on; beside them the
processor time of the server and of the page's own thread in the browser, which depend less on it:
what both take until a document is ready follows one on the other, so their sum is about what it
takes on a machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import text

from benchmarks.database import STORED, copy, fill
from db.database import Database, open_database
from db.review import Order, Place, Wanted, queue, suppliers, total
from doctally.results import State

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

CLOCK = """
window.times = [];
for (const kind of ['keydown', 'click'])
  document.addEventListener(kind, () => { window.begun = performance.now(); }, true);
const seen = () => { const begun = window.begun;
  requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - begun))); };
document.addEventListener('focusin', seen);
new MutationObserver(list => {
  if (list.some(m => m.target.closest && m.target.closest('.dt-desk .dt-field .q-field'))) seen();
}).observe(document.body, {subtree: true, attributes: true, attributeFilter: ['class']});
"""
VIEWED = """
(() => {
  let run = 0, begun = 0, before = '';
  const title = () => document.querySelector('.dt-desk .dt-about h1')?.textContent;
  const shown = () => { const i = document.querySelector('.dt-desk .dt-page img');
                        return title() && title() !== before && i && i.naturalWidth > 0; };
  const drawn = name => performance.getEntriesByName(name)[0]?.startTime ?? 0;
  const painted = (mine, name) => setTimeout(() => {
    if (mine !== run) return;
    window.viewed[name] = performance.now() - begun;
    if (name === 'ready' && !begun) // by its address: not before the browser says so
      window.viewed.seen = Math.max(window.viewed.seen, drawn('first-contentful-paint'));
  });
  const step = (mine, seen) => {
    if (mine !== run) return;
    const now = shown(), at = document.activeElement;
    if (now && !seen) painted(mine, 'seen');
    if (now && at && at.closest('.dt-desk')) return painted(mine, 'ready');
    requestAnimationFrame(() => step(mine, seen || now));
  };
  const watch = () => { window.viewed = {}; run += 1; step(run, false); };
  for (const kind of ['keydown', 'click']) document.addEventListener(kind, e => {
    if (kind === 'keydown' && !(e.altKey && e.key === 's')) return;
    begun = performance.now(); before = title(); watch(); }, true);
  watch();
})();
"""
QUERIES: dict[str, Callable[[Database], object]] = {
    "first page, most urgent": lambda d: queue(d, Wanted(), now=_now()),
    "a page far behind": lambda d: queue(d, Wanted(), now=_now(), after=_middle(d)),
    "newest of any state": lambda d: queue(d, Wanted(state=None), now=_now(), order=Order.NEWEST),
    "count of what waits": lambda d: total(d, Wanted()),
    "search among what waits": lambda d: queue(d, Wanted(search="re-0000170"), now=_now()),
    "search in all": lambda d: queue(d, Wanted(state=None, search="re-0000170"), now=_now()),
    "one supplier": lambda d: queue(d, Wanted(supplier="Supplier 17 GmbH"), now=_now()),
    "suppliers to choose from": suppliers,
}


def _now() -> datetime:
    return datetime.now(UTC)


def _middle(database: Database) -> Place:
    found = queue(database, Wanted(), now=_now(), limit=1)
    return Place(found[0].priority / 2, found[0].updated_at, found[0].document_id)


def _told(name: str, times_ms: list[float]) -> None:
    median, best = statistics.median(times_ms), min(times_ms)
    high = sorted(times_ms)[min(int(len(times_ms) * 0.95), len(times_ms) - 1)]
    print(f"{median:8.1f} ms median {high:8.1f} 95th {best:8.1f} best  {name}", flush=True)


def _queries(database: Database) -> None:
    for name, ask in QUERIES.items():
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            ask(database)
            times.append((time.perf_counter() - begun) * 1000)
        _told(name, times)


def _last(page: Page, act: Callable[[], object]) -> float:
    """Return the milliseconds from the key or click to the first frame after what it changed."""
    page.evaluate("window.times.length = 0")
    act()
    page.wait_for_function("window.times.length > 0")
    return float(page.evaluate("window.times[0]"))


def _cpu_ms(process: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


class _Views:
    """Opens documents and keeps what each took, by what was measured."""

    def __init__(self, page: Page, server: int) -> None:
        self.page = page
        self.server = server
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.times: dict[str, list[float]] = {}

    def open(self, name: str, act: Callable[[], object]) -> None:
        """Do what shows another document and wait until it is ready."""
        server, thread = _cpu_ms(self.server), self._thread_ms()
        act()
        self.page.wait_for_function("window.viewed && window.viewed.ready > 0")
        for what, took in self.page.evaluate("window.viewed").items():
            self._keep(f"{name}: {what}", float(took))
        self._spent(f"{name}: until ready", server, thread)
        self.page.wait_for_timeout(2500)  # what follows: lines, the next document built ahead
        self._spent(f"{name}: all in all", server, thread)

    def _spent(self, name: str, server: float, thread: float) -> None:
        self._keep(f"{name}, server's processor", _cpu_ms(self.server) - server)
        spent = self._thread_ms()  # counted anew in another process
        self._keep(f"{name}, page's thread", spent - (thread if spent > thread else 0))

    def _keep(self, name: str, value: float) -> None:
        self.times.setdefault(name, []).append(value)

    def _thread_ms(self) -> float:
        found = self.cdp.send("Performance.getMetrics")["metrics"]
        return float(next(m["value"] for m in found if m["name"] == "TaskDuration")) * 1000

    def tell(self) -> None:
        """Print it all."""
        for name, times in self.times.items():
            _told(name, times)


def _pages(page: Page, url: str, first: int, repeats: int, server: int) -> None:
    seen, ready = [], []
    for _ in range(repeats):
        begun = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.locator(".dt-queue tbody tr").first.wait_for()
        seen.append((time.perf_counter() - begun) * 1000)
        page.locator("[data-field=search]").wait_for()
        ready.append((time.perf_counter() - begun) * 1000)
    _told("the queue by its address: seen", seen)
    _told("the queue by its address: ready", ready)
    page.add_init_script(VIEWED)
    views = _Views(page, server)

    def found() -> None:
        page.goto(url)
        page.locator("[data-field=search]").fill("bill")
        page.wait_for_timeout(4000)  # the queue is looked at

    for _ in range(repeats):
        found()
        views.open("from the queue", page.locator(".dt-queue tbody tr a").first.click)
    for _ in range(repeats):
        page.goto("about:blank")
        page.wait_for_timeout(500)
        views.open("by its address", lambda: page.goto(f"{url}/documents/{first}"))
    found()
    page.locator(".dt-queue tbody tr a").first.click()
    page.wait_for_function("window.viewed && window.viewed.ready > 0")
    page.evaluate(CLOCK)
    keys, typed = [], []
    used = {"next doubt": 0.0, "letter": 0.0}

    def spent(name: str, since: float) -> float:
        used[name] += (now := _cpu_ms(server)) - since
        return now

    for _ in range(repeats):
        page.wait_for_timeout(1500)
        at = _cpu_ms(server)
        keys += [_last(page, lambda: page.keyboard.press("F8")) for _ in range(4)]
        spent("next doubt", at)
        page.locator(".dt-desk input[data-field=issue_date]").focus()
        page.wait_for_timeout(300)
        at = _cpu_ms(server)
        typed.append(_last(page, lambda: page.keyboard.press("x")))
        page.wait_for_timeout(300)
        spent("letter", at)
        page.keyboard.press("Backspace")
        page.wait_for_timeout(300)
        views.open("the next document", lambda: page.keyboard.press("Alt+s"))
    views.tell()
    for name, count in (("next doubt", 4), ("letter", 1)):
        print(f"{used[name] / repeats / count:8.1f} ms of the server's processor for one {name}")
    _told("key to screen: next doubt", keys)
    _told("key to screen: a letter typed, judged and coloured", typed)


def main() -> None:
    """Print one line a measurement."""
    from desk import Sample, Served
    from desk import fill as filled

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=8)
    parser.add_argument("--keep", help="home to keep; filled only if it is not there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(given.keep or f"{folder}/home").resolve()
        new = not home.exists()
        file = home / "doctally.db"
        if new:
            with open_database(f"sqlite:///{file}") as database:
                fill(database, STORED)
                copy(database, given.documents // STORED - 1)
            samples = ("invoice_en", "credit_note_en", "order_en", "delivery_en", "receipt_en")
            doubted = ("issue_date", "supplier_name", "document_number", "order_number")
            filled(home, [Sample(name, doubtful=doubted) for name in samples])
        with open_database(f"sqlite:///{file}") as database:
            if new:
                with database.write() as session:
                    # the real ones, with pages to draw, come first
                    real = "UPDATE documents SET priority = priority + 100, search = 'bill'"
                    session.execute(text(f"{real} WHERE location <> ''"))
                    session.execute(text("ANALYZE"))
            with database.write() as session:
                session.execute(text("DELETE FROM drafts"))  # of a run that was cut off
            number = total(database, Wanted(state=None))
            waiting = total(database, Wanted(state=State.REVIEW))
            load = os.getloadavg()[0]
            print(
                f"{number:,} documents, {waiting:,} wait; load {load:.1f} on {os.cpu_count()} cores"
            )
            _queries(database)
            first = queue(database, Wanted(search="bill"), now=_now(), limit=1)[0].document_id
        served = Served(home)
        try:
            with sync_playwright() as playwright:
                path = shutil.which("chromium")
                browser = playwright.chromium.launch_persistent_context(
                    f"{folder}/profile",  # compiled scripts are kept, as in a clerk's browser
                    executable_path=path,
                    args=["--no-sandbox"],
                    viewport={"width": 1366, "height": 768},
                )
                page = browser.pages[0]
                page.set_default_timeout(60_000)
                _pages(page, served.url, first, given.repeats, served.process.pid)
                browser.close()
        finally:
            served.stop()


if __name__ == "__main__":
    main()
