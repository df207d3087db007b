"""The review page in a real browser: what a clerk sees, types, clicks and presses."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk import Sample, Served, chromium, fill, opened  # noqa: F401
from fakes import invoice_pdf
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from db import audit, categories, corrections, documents, drafts, holds, tokens, users
from db.tables import DocumentRow
from doctally.corrections import Correction, CorrectionKind
from doctally.edits import Edits, Given, Row
from doctally.mistakes import CONTRADICTED
from doctally.people import Role
from doctally.results import Extraction, State

SAMPLES = (
    Sample("invoice_en", doubtful=("order_number", "due_date", "delivery_note_number")),
    Sample("invoice_de", wrong={"total_gross": "4953.42"}, doubtful=("issue_date",)),
    Sample(
        "order_en",
        doubtful=("document_number",),
        cells={(0, "quantity"): "2", (0, "amount_net"): "73.06"},
    ),
    Sample("receipt_en", doubtful=("issue_date",)),
    Sample("credit_note_en", doubtful=("issue_date", "supplier_name")),
    Sample("delivery_en", doubtful=("document_number",)),
)
ORDER = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>X-77</cbc:ID><cbc:IssueDate>2026-03-01</cbc:IssueDate>
 <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
 <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
 <cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Data GmbH</cbc:Name>
 </cac:PartyName></cac:Party></cac:AccountingSupplierParty>
 <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount></cac:TaxTotal>
 <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
 <cbc:TaxInclusiveAmount currencyID="EUR">219.00</cbc:TaxInclusiveAmount>
 <cbc:PayableAmount currencyID="EUR">219.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>"""
Ids = dict[str, int]
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def ids(tmp_path_factory: pytest.TempPathFactory) -> Ids:
    """Fill a home; return the documents' ids by file, and the home under ``home``."""
    home = tmp_path_factory.mktemp("desk") / "home"
    more = {"data.xml": ORDER.encode(), "broken.pdf": b"%PDF-1.4 cut"}
    more["pages.pdf"] = invoice_pdf("R-9", words="UNSURE", pages=3)
    for name, content in more.items():
        (home.parent / name).write_bytes(content)
    found = fill(home, SAMPLES, *(home.parent / name for name in more))
    _HOME.append(home)
    return found


_HOME: list[Path] = []


@pytest.fixture(scope="module")
def served(ids: Ids) -> Iterator[Served]:
    page = Served(_HOME[-1])
    yield page
    page.stop()
    sys.stderr.write(page.log())


@pytest.fixture
def desk(served: Served, chromium: Browser) -> Iterator[Callable[[str], Page]]:  # noqa: F811
    """Give what opens a path in a browser of its own, a test's first one with nobody there."""
    pages: list[Page] = []

    def show(path: str, **look: object) -> Page:
        if not pages and (number := re.fullmatch(r"/documents/(\d+)", path)):
            wait_until_let_go(served, int(number[1]))
        page = opened(chromium, **look)  # type: ignore[arg-type]
        pages.append(page)
        page.goto(served.url + path)
        return page

    yield show
    for page in pages:
        page.context.close()


def shown(page: Page) -> Locator:
    """Return the document on the desk; the one built ahead is there too, out of sight."""
    return page.locator(".dt-desk")


def box(page: Page, name: str) -> Locator:
    return shown(page).locator(f"input[data-field={name}]")


def at_desk(page: Page, name: str) -> Page:
    """Wait until the document is there and its field has the focus."""
    expect(box(page, name)).to_be_focused(timeout=30_000)
    return page


def stored(served: Served, number: int) -> tuple[State, Extraction]:
    with served.database() as database:
        found = documents.document(database, number)
    assert found.extraction is not None
    return found.summary.state, found.extraction


def wait_for(ready: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for_state(served: Served, number: int, state: State) -> Extraction:
    wait_for(lambda: stored(served, number)[0] is state)
    return stored(served, number)[1]


def follow(page: Page, link: Locator) -> None:
    """Click a link in a table; once more where its row was drawn anew under the pointer."""
    link.click()
    try:
        page.wait_for_url("**/documents/*", timeout=10_000)
    except TimeoutError:
        link.click()


def wait_until_let_go(served: Served, *numbers: int) -> None:
    """Wait for pages of earlier tests, which let go when they notice that they are closed."""

    def free() -> bool:
        now = datetime.now(UTC)
        with served.database() as database:
            return all(holds.free(database, n, holder="other", now=now) for n in numbers)

    wait_for(free, seconds=150)


def test_the_queue_shows_what_waits_filters_and_leads_to_a_document(
    desk: Callable[[str], Page],
) -> None:
    page = desk("/")
    rows = page.locator(".dt-queue tbody tr")
    expect(rows).to_have_count(8)
    expect(page.get_by_role("status")).to_have_text("8 documents")
    page.get_by_label("Search").fill("jackson")
    expect(rows).to_have_count(3)
    page.get_by_label("Search").fill("jackson 2023-31917")
    expect(rows).to_have_count(1)
    follow(page, rows.get_by_role("link", name="Jackson Energy & Co. Ltd"))
    at_desk(page, "order_number")
    expect(page.get_by_role("heading", name="invoice_en.pdf")).to_be_visible()
    assert re.search(r"/documents/\d+$", page.url)
    page.keyboard.press("Alt+q")
    expect(rows).to_have_count(1)  # the search is still there
    page.get_by_label("Search").fill("")
    page.get_by_label("State").click()
    page.get_by_role("option", name="Failed").click()
    expect(rows).to_have_count(1)
    rows.get_by_role("link").click()
    expect(page.get_by_text("The PDF is damaged or cut short")).to_be_visible()


def test_the_queue_follows_what_happens_elsewhere(
    served: Served, ids: Ids, desk: Callable[[str], Page]
) -> None:
    number, other = ids["receipt_en.pdf"], ids["data.xml"]

    def put(state: State) -> None:
        with served.database() as database, database.write() as session:
            row = session.get_one(DocumentRow, number)
            row.state, row.updated_at = state, datetime.now(UTC)

    page = desk("/")
    rows = page.locator(".dt-queue tbody tr")
    page.get_by_label("Search").focus()
    expect(rows).to_have_count(8)
    with served.database() as database:
        holds.take(database, other, holder="x", who="Bob", now=datetime.now(UTC), lease_s=20)
        put(State.FAILED)
        expect(rows).to_have_count(7)
        expect(page.get_by_role("status")).to_have_text("7 documents")
        expect(rows.filter(has_text="data.xml")).to_contain_text("Another window has it open")
        expect(page.get_by_label("Search")).to_be_focused()
        put(State.REVIEW)
        holds.give_up(database, other, holder="x")


def test_the_first_answer_shows_what_the_scripts_will_build(
    served: Served, ids: Ids, desk: Callable[..., Page]
) -> None:
    for path, dark in (("/", False), (f"/documents/{ids['invoice_de.pdf']}", True)):
        page = desk("/login", dark=dark)
        page.route("**/vue.esm*", lambda route: route.abort())
        page.goto(served.url + path)
        expect(page.locator(".dt-glance[inert][aria-hidden=true]")).to_be_attached()
        page.wait_for_function("[...document.images].every(i => i.naturalWidth > 0)")
        first = looks(page)
        assert len(first) > 20 and page.evaluate("document.body.className") == (
            "body--dark" if dark else "body--light"
        )
        page.unroute("**/vue.esm*")
        page.reload()
        expect(page.locator(".dt-glance")).to_have_count(0)
        page.wait_for_function("[...document.images].every(i => i.naturalWidth > 0)")
        page.wait_for_timeout(300)
        assert looks(page) == first


def looks(page: Page) -> list[object]:
    """Return text, place and colour of what is seen of header, form, page and table."""
    return page.evaluate("""[...document.querySelectorAll(
        '.dt-header a, .dt-desk h1, .dt-tools .q-btn, .dt-page img, .dt-page rect, .dt-field,' +
        '.q-field__label, .q-select .ellipsis, .dt-acts .q-btn, .dt-queue td, .dt-main h1'
      )].filter(e => e.getBoundingClientRect().width).map(e => {
        const at = e.getBoundingClientRect(), look = getComputedStyle(e);
        return [e.matches('.dt-field') ? '' : e.textContent, look.color, look.borderLeftColor,
                ...[at.x, at.y, at.width, at.height].map(Math.round)];
      })""")  # type: ignore[no-any-return]


def test_order_and_delivery_stand_beside_the_bill_with_differences_marked(
    ids: Ids, desk: Callable[[str], Page]
) -> None:
    page = at_desk(desk(f"/documents/{ids['invoice_en.pdf']}"), "order_number")
    page.wait_for_function("document.querySelector('.dt-desk .dt-page img').naturalWidth > 0")
    assert page.locator(".dt-desk .dt-viewer .dt-scroll").evaluate("e => e.scrollTop") == 0
    panel = page.get_by_role("region", name="Line against line")
    expect(panel.locator("tbody tr")).to_have_count(6)
    expect(panel.locator("tbody tr").first.locator(".dt-differs")).to_have_text(
        ["≠ 1", "≠ 36.53", "≠ 2", "≠ 73.06"]
    )
    expect(panel.locator("tbody tr").nth(1).locator(".dt-differs")).to_have_count(0)
    page.get_by_role("button", name="Delivery 5825").click()
    expect(shown(page).get_by_text("Delivery 5825: page 1 of 1")).to_be_visible()
    page.get_by_role("button", name="Back to the document").click()
    expect(shown(page).get_by_text("Page 1 of 1", exact=True)).to_be_visible()
    cell = shown(page).locator('.ag-row[row-index="0"] [col-id="quantity"]')
    cell.scroll_into_view_if_needed()
    cell.dblclick()
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(panel.locator("tbody tr").first.locator(".dt-differs")).to_have_text(
        ["≠ 36.53", "≠ 73.06"]
    )
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Undo").click()
    expect(panel.locator("tbody tr").first.locator(".dt-differs")).to_have_count(4)


def test_three_doubts_take_at_most_eight_keys(
    served: Served, ids: Ids, desk: Callable[[str], Page]
) -> None:
    number = ids["invoice_en.pdf"]
    page = at_desk(desk(f"/documents/{number}"), "order_number")
    expect(shown(page).get_by_text("3 to look at")).to_be_visible()
    pressed = 0
    for following in ("due_date", "delivery_note_number"):
        page.keyboard.press("Enter")
        pressed += 1
        expect(box(page, following)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Confirm")).to_be_focused()
    page.keyboard.press("Enter")
    pressed += 2
    found = wait_for_state(served, number, State.CONFIRMED)
    assert pressed <= 8
    assert found.fields["due_date"].source == "human"
    assert found.fields["total_gross"].source == "model"
    expect(page.get_by_role("heading", name="invoice_en.pdf")).to_have_count(0)
    page.wait_for_function("document.activeElement.closest('.dt-desk') !== null")  # the next
    with served.database() as database:
        acts = [entry.action for entry in audit.trail(database, number)]
    assert acts.count("accepted") == 3 and "confirm" in acts
    page.keyboard.press("Alt+u")
    expect(page.get_by_role("heading", name="invoice_en.pdf")).to_be_visible()
    assert stored(served, number)[0] is State.REVIEW


def test_what_was_typed_before_the_server_listened_is_taken_as_it_stands_where_somebody_types(
    served: Served, ids: Ids, desk: Callable[[str], Page]
) -> None:
    number = ids["invoice_de.pdf"]
    typed = json.dumps({"issue_date": "21.4.2025", "total_gross": "4.953,24"})
    page = desk("/")
    page.evaluate(f"typed => sessionStorage.setItem('doctally-typed-{number}', typed)", typed)
    wait_until_let_go(served, number)
    page.goto(f"{served.url}/documents/{number}")
    at_desk(page, "issue_date")
    expect(box(page, "total_gross")).to_have_value("4953.24")
    expect(box(page, "issue_date")).to_have_value("21.4.2025")
    page.keyboard.press("Tab")
    expect(box(page, "issue_date")).to_have_value("2025-04-21")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.keyboard.press("u")
    expect(box(page, "total_gross")).not_to_have_value("4953.24")
    page.keyboard.press("q")
    page.wait_for_url(f"{served.url}/")


def test_what_is_typed_is_judged_at_once_and_kept_in_normal_form(
    served: Served, ids: Ids, desk: Callable[[str], Page]
) -> None:
    number = ids["invoice_de.pdf"]
    page = at_desk(desk(f"/documents/{number}"), "issue_date")
    mismatch = page.get_by_role("listitem").get_by_text("Totals mismatch")
    expect(mismatch).to_be_visible()
    box(page, "total_gross").fill("4.953")
    expect(mismatch).to_be_visible()
    box(page, "total_gross").fill("4.953,24")
    expect(mismatch).to_have_count(0)
    page.keyboard.press("Tab")
    expect(box(page, "total_gross")).to_have_value("4953.24")
    box(page, "due_date").fill("32.13.2025")
    expect(shown(page).get_by_text("this is no date")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").get_by_text("due_date: ")).to_be_visible()  # refused
    expect(box(page, "due_date")).to_be_focused()
    assert stored(served, number)[0] is State.REVIEW
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    expect(shown(page).get_by_text("this is no date")).to_have_count(0)
    page.keyboard.press("Alt+c")
    found = wait_for_state(served, number, State.CONFIRMED)
    assert found.fields["total_gross"].value == "4953.24"
    with served.database() as database:
        changed = [e for e in audit.trail(database, number) if e.action == "changed"]
    assert [(e.field, e.old, e.new) for e in changed] == [("total_gross", "4953.42", "4953.24")]


def place(page: Page, served: Served, number: int, name: str) -> tuple[float, float, float, float]:
    """Return where a value is on the screen: x0, y0, x1, y1."""
    cell = stored(served, number)[1].fields[name]
    assert cell.box is not None
    page.wait_for_function("document.querySelector('.dt-desk .dt-page img').naturalWidth > 0")
    frame = shown(page).locator(".dt-page").bounding_box()
    assert frame is not None
    x, y, w, h = frame["x"], frame["y"], frame["width"], frame["height"]
    b = cell.box
    return x + b.x0 * w, y + b.y0 * h, x + b.x1 * w, y + b.y1 * h


def test_pointing_at_the_page_fills_the_current_field(
    served: Served, ids: Ids, desk: Callable[[str], Page]
) -> None:
    number = ids["credit_note_en.pdf"]
    page = at_desk(desk(f"/documents/{number}"), "issue_date")
    right = stored(served, number)[1].fields
    box(page, "total_net").fill("1")
    x0, y0, x1, y1 = place(page, served, number, "total_gross")
    page.mouse.click((x0 + x1) / 2, (y0 + y1) / 2)
    expect(box(page, "total_net")).to_have_value(right["total_gross"].value)
    expect(box(page, "total_net")).to_be_focused()
    box(page, "issue_date").focus()
    x0, y0, x1, y1 = place(page, served, number, "total_gross")
    page.mouse.click((x0 + x1) / 2, (y0 + y1) / 2)
    expect(page.get_by_text(re.compile("is no date"))).to_be_visible()
    expect(box(page, "issue_date")).to_have_value(right["issue_date"].value)
    box(page, "customer_name").focus()
    x0, y0, x1, y1 = place(page, served, number, "document_number")
    page.mouse.move(x0 - 3, y0 - 3)
    page.mouse.down()
    page.mouse.move((x0 + x1) / 2, y1, steps=4)
    page.mouse.move(x1 + 3, y1 + 3, steps=4)
    page.mouse.up()
    box(page, "order_number").focus() if box(page, "order_number").count() else None
    x0, y0, x1, y1 = place(page, served, number, "document_number")
    page.keyboard.down("Control")
    page.mouse.click((x0 + x1) / 2, (y0 + y1) / 2)
    page.keyboard.up("Control")
    expect(box(page, "document_number")).to_be_focused()


def test_lines_are_edited_added_and_removed(
    served: Served, ids: Ids, desk: Callable[[str], Page]
) -> None:
    number = ids["order_en.pdf"]
    before = [dict(line) for line in stored(served, number)[1].line_items]
    page = at_desk(desk(f"/documents/{number}"), "document_number")
    cell = shown(page).locator('.ag-row[row-index="0"] [col-id="description"]')
    cell.scroll_into_view_if_needed()
    cell.dblclick()
    page.keyboard.press("Control+a")
    page.keyboard.type("Oak desk")
    page.keyboard.press("Enter")
    expect(cell).to_have_text("Oak desk")
    second = shown(page).locator('.ag-row[row-index="1"] [col-id="description"]')
    second.click()
    page.get_by_role("button", name="Remove line").click()
    expect(second).to_have_text(before[2]["description"].value)
    page.get_by_role("button", name="Add line").click()
    last = shown(page).locator(f'.ag-row[row-index="{len(before) - 1}"] [col-id="amount_net"]')
    last.dblclick()
    page.keyboard.type("7,5x")
    page.keyboard.press("Enter")
    expect(shown(page).locator(".c-fault")).to_have_text("7,5x")
    last.dblclick()
    page.keyboard.press("Control+a")
    page.keyboard.type("7.50")
    page.keyboard.press("Enter")
    expect(last).to_have_text("7.50")
    expect(last).to_have_class(re.compile("c-human"))
    page.wait_for_function("document.activeElement.closest('.dt-desk') !== null")
    page.keyboard.press("Control+Enter")
    found = wait_for_state(served, number, State.CONFIRMED).line_items
    assert len(found) == len(before)
    assert found[0]["description"].value == "Oak desk"
    assert found[1] == before[2]
    assert {name: c.value for name, c in found[-1].items()} == {"amount_net": "7.50"}


def test_a_doubt_about_all_lines_has_the_focus_and_is_accepted_where_it_is(
    served: Served, ids: Ids, desk: Callable[[str], Page]
) -> None:
    number = ids["credit_note_en.pdf"]
    found = stored(served, number)[1]
    rows = tuple(Row(origin=line) for line in range(len(found.line_items) - 1))
    left = Edits(accepted=tuple(found.fields), rows=rows).model_dump(mode="json")
    wait_until_let_go(served, number)
    with served.database() as database:
        drafts.save(database, number, left, who="ann", holder=None, now=datetime.now(UTC))
    page = desk(f"/documents/{number}")
    expect(shown(page).get_by_text("1 to look at")).to_be_visible()
    page.wait_for_function("document.activeElement.closest('.dt-desk .ag-row') !== null")
    page.keyboard.press("Alt+a")
    expect(shown(page).get_by_text("no doubt left")).to_be_visible()
    page.keyboard.press("Alt+q")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    with served.database() as database, database.write() as session:
        drafts.forget(session, number)


def test_a_second_person_may_look_but_not_edit_until_the_first_has_gone(
    ids: Ids, desk: Callable[[str], Page]
) -> None:
    path = f"/documents/{ids['receipt_en.pdf']}"
    first = at_desk(desk(path), "issue_date")
    second = desk(path)
    expect(second.get_by_text("Another window has this document open")).to_be_visible()
    expect(box(second, "issue_date")).to_have_attribute("readonly", "")
    expect(second.get_by_role("button", name="Confirm")).to_be_disabled()
    second.goto(second.url.replace(path, "/"))
    row = second.get_by_role("row", name="receipt_en.pdf")
    expect(row.get_by_text("Another window has it open")).to_be_visible()
    first.keyboard.press("Alt+q")
    expect(first.get_by_role("heading", name="Queue")).to_be_visible()
    second.goto(first.url + path[1:])
    at_desk(second, "issue_date")


def ahead(page: Page, *, left: int = 0) -> int:
    """Wait for the document that is built ahead, mark its element and return its number.

    Out of sight is also the one that was ``left``, for the moment until it is taken away.
    """
    marked = page.wait_for_function(
        """(left) => {
          for (const desk of document.querySelectorAll('.dt-ahead')) {
            const told = desk.querySelector('.dt-about')?.textContent || '';
            const number = Number((told.match(/document (\\d+)/) || [])[1]);
            const whole = desk.querySelectorAll('input[data-field]').length > 3;
            if (number && number !== left && whole) return (desk.dataset.seen = number);
          }
          return 0;
        }""",
        arg=left,
    )
    return int(marked.json_value())


def test_the_next_document_is_built_ahead_and_only_shown_if_nothing_has_changed(
    served: Served, ids: Ids, desk: Callable[[str], Page]
) -> None:
    wait_until_let_go(served, *ids.values())
    first = ids["receipt_en.pdf"]
    page = at_desk(desk(f"/documents/{first}"), "issue_date")
    following = ahead(page)
    with served.database() as database:
        assert holds.free(database, following, holder="other", now=datetime.now(UTC))
    page.keyboard.press("Alt+s")
    page.wait_for_url(f"**/documents/{following}")
    expect(page.locator(f'.dt-desk[data-seen="{following}"]')).to_be_visible()
    with served.database() as database:
        assert not holds.free(database, following, holder="other", now=datetime.now(UTC))
    third = ahead(page, left=first)
    typed = Edits(fields={"customer_name": Given(value="Left by Ann")}).model_dump(mode="json")
    with served.database() as database:
        drafts.save(database, third, typed, who="ann", holder=None, now=datetime.now(UTC))
    page.keyboard.press("Alt+s")
    page.wait_for_url(f"**/documents/{third}")
    expect(box(page, "customer_name")).to_have_value("Left by Ann")
    expect(shown(page).get_by_text("What was typed before is here (ann")).to_be_visible()
    expect(page.locator(f'.dt-desk[data-seen="{third}"]')).to_have_count(0)
    with served.database() as database, database.write() as session:
        drafts.forget(session, third)


def test_what_was_typed_is_there_after_a_reload_and_can_be_discarded(
    ids: Ids, desk: Callable[[str], Page]
) -> None:
    page = at_desk(desk(f"/documents/{ids['delivery_en.pdf']}"), "document_number")
    printed = box(page, "order_number").input_value()
    box(page, "order_number").fill("B-1234")
    page.keyboard.press("Tab")
    page.wait_for_timeout(1000)
    page.reload()
    expect(box(page, "order_number")).to_have_value("B-1234")
    left = shown(page).get_by_text("What was typed before is here")
    expect(left).to_be_visible()
    shown(page).get_by_role("button", name="Discard it").click()
    expect(box(page, "order_number")).to_have_value(printed)
    expect(left).to_be_hidden()
    page.keyboard.press("Alt+u")
    expect(box(page, "order_number")).to_have_value("B-1234")
    page.keyboard.press("Alt+n")


def test_what_is_typed_while_the_server_is_away_is_not_lost(
    served: Served, ids: Ids, desk: Callable[[str], Page]
) -> None:
    page = at_desk(desk(f"/documents/{ids['pages.pdf']}"), "document_number")
    served.stop()
    try:
        box(page, "supplier_name").fill("ACME Tools")
    finally:
        served.start()
    expect(box(page, "supplier_name")).to_have_value("ACME Tools")

    def kept() -> bool:
        with served.database() as database:
            found = drafts.draft(database, ids["pages.pdf"])
        return found is not None and found.body["fields"]["supplier_name"]["value"] == "ACME Tools"

    wait_for(kept)


def test_a_correction_that_is_not_learnt_says_why(
    served: Served, ids: Ids, desk: Callable[[str], Page]
) -> None:
    number, now = ids["credit_note_en.pdf"], datetime.now(UTC)
    made = Correction("quantity", 3, "1", "2", CorrectionKind.CHANGED)
    with served.database() as database:
        with database.write() as session:
            corrections.add(session, number, [made], who="ada", now=now)
        (kept,) = corrections.corrections(database, document_id=number)
        corrections.flag(database, {kept.correction_id: CONTRADICTED})
    page = desk(f"/history/{number}")
    row = page.get_by_role("row").filter(has_text="Not learnt: Line 3: quantity")
    expect(row).to_contain_text("two people gave two answers")
    page.goto(served.url + "/bank")
    card = page.locator("section").filter(has_text="Corrections that are not learnt from")
    expect(card.get_by_role("row").nth(1)).to_contain_text("two people gave two answers")
    card.get_by_role("link", name=str(number)).click()
    expect(page.get_by_role("heading", name="History of credit_note_en.pdf")).to_be_visible()


def test_pages_turn_and_grow_sharper(ids: Ids, desk: Callable[[str], Page]) -> None:
    page = at_desk(desk(f"/documents/{ids['pages.pdf']}"), "document_number")
    picture = shown(page).locator(".dt-page img")
    expect(shown(page).get_by_text("Page 1 of 3")).to_be_visible()
    page.get_by_role("button", name="Next page").click()
    expect(shown(page).get_by_text("Page 2 of 3")).to_be_visible()
    expect(picture).to_have_attribute("src", re.compile(r"/pages/2\?step=0"))
    for _ in range(3):
        page.get_by_role("button", name="Larger").click()
    expect(picture).to_have_attribute("src", re.compile(r"/pages/2\?step=2"))
    page.wait_for_function("document.querySelector('.dt-desk .dt-page img').naturalWidth > 2000")
    box(page, "document_number").focus()
    box(page, "issue_date").focus()
    expect(shown(page).get_by_text("Page 1 of 3")).to_be_visible()  # where the value is


def test_a_document_without_pages_is_shown_as_text(ids: Ids, desk: Callable[[str], Page]) -> None:
    page = desk(f"/documents/{ids['data.xml']}")
    expect(page.get_by_role("region", name="Text")).to_contain_text("<cbc:ID>X-77</cbc:ID>")
    expect(box(page, "document_number")).to_have_value("X-77")
    expect(page.get_by_role("listitem").get_by_text("Totals mismatch")).to_be_visible()


def test_a_document_is_rejected_with_its_reason_and_taken_back(
    served: Served, ids: Ids, desk: Callable[[str], Page]
) -> None:
    number = ids["data.xml"]
    page = desk(f"/documents/{number}")
    at_desk(page, "total_net")
    page.keyboard.press("Alt+r")
    page.get_by_label("Why is it rejected?").fill("no order of ours")
    page.keyboard.press("Enter")
    wait_for_state(served, number, State.FAILED)
    page.goto(served.url + f"/documents/{number}")
    expect(shown(page).get_by_text("no order of ours")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    wait_for_state(served, number, State.REVIEW)
    page.get_by_role("button", name="History").click()
    overlay = page.get_by_role("dialog")
    expect(overlay.get_by_text("failed (Rejected)")).to_be_visible()


@pytest.mark.parametrize(("width", "height", "dark"), [(1366, 768, False), (1024, 768, True)])
def test_every_page_is_accessible(
    ids: Ids, served: Served, desk: Callable[..., Page], width: int, height: int, dark: bool
) -> None:
    page = desk("/", width=width, height=height, dark=dark)
    expect(page.locator(".dt-queue tbody tr").first).to_be_visible()
    assert faults(page) == {}
    others = [("/dashboard", "Dashboard"), ("/bank", "Versions of the model")]
    if not dark:  # nothing but the same colours
        others += [
            ("/suppliers", "Suppliers"),
            ("/upload", "Upload"),
            (f"/history/{ids['invoice_de.pdf']}", "History of invoice_de.pdf"),
            (f"/documents/{ids['broken.pdf']}", "broken.pdf"),
            ("/nothing", "No such page"),
        ]
    for path, heading in others:
        page.goto(served.url + path)
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        assert (path, faults(page)) == (path, {})
    wait_until_let_go(served, ids["delivery_en.pdf"])
    page.goto(served.url + f"/documents/{ids['delivery_en.pdf']}")
    at_desk(page, "document_number")
    expect(shown(page).locator(".ag-root")).to_be_visible()
    expect(page.get_by_role("region", name="Line against line")).to_be_attached()
    assert faults(page) == {}
    page.keyboard.press("Alt+?")
    expect(page.get_by_role("dialog")).to_be_visible()
    # axe takes the page's dimmed ground for that of the card above it
    assert faults(page, "color-contrast") == {}


def faults(page: Page, *but: str) -> dict[str, list[str]]:
    """Return what axe finds wrong, by rule, with the places; ``but`` rules are not asked."""
    rules = {rule: {"enabled": False} for rule in but}
    # the framework's bar for requests under way has no name, and is there for a moment only
    page.wait_for_function(
        "[...document.querySelectorAll('#q-loading-bar [role=progressbar]')]"
        ".every(bar => getComputedStyle(bar).opacity === '0')"
    )
    found = Axe().run(page, options={"rules": rules}).response["violations"]
    return {rule["id"]: [node["html"][:200] for node in rule["nodes"]] for rule in found}


def test_the_spend_category_of_a_bills_sender_is_put_right_beside_it(
    desk: Callable[[str], Page], served: Served, ids: Ids
) -> None:
    page = at_desk(desk(f"/documents/{ids['credit_note_en.pdf']}"), "issue_date")
    shown(page).get_by_label("Spend category of").click()
    page.get_by_role("option", name="Chemicals").click()

    def said() -> list[str]:
        with served.database() as database:
            return [one.category for one in categories.told(database)]

    wait_for(lambda: said() == ["chemicals"])


def test_who_may_only_look_sees_no_button_for_more(served: Served, ids: Ids) -> None:
    """The last one here: from now on everybody logs in."""
    now = datetime.now(UTC)
    with served.database() as database:
        for name, role, kept in (("anna", Role.ADMIN, "x"), ("vera", Role.VIEWER, None)):
            users.add(database, name, role=role, password_hash=kept, who="", now=now)
        given = {"label": "", "role": Role.VIEWER, "expires_at": None, "who": "", "now": now}
        _, secret = tokens.make(database, "vera", **given)

    def shown_to_vera(path: str) -> str:
        asked = Request(served.url + path, headers={"Authorization": f"Bearer {secret}"})
        with urlopen(asked) as answer:
            return re.sub(r"<div class=[^>]* hidden\".*?</div>", "", answer.read().decode())

    page = shown_to_vera(f"/documents/{ids['order_en.pdf']}")
    buttons = set(re.findall(r'<span class="block">(\w+)</span>', page))
    assert buttons == {"History", "Skip"} and "You may look at documents" in page
    assert "not bring new ones" in shown_to_vera("/upload")
