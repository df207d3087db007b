from __future__ import annotations

import numpy as np
import pytest

from doctally.pages import Box, Page, Word
from doctally.schemas import Kind
from doctally.values import Locale
from models.blocks import Blocks
from models.countries import is_country
from models.decode import Option, options
from models.parties import HEADING, bonded, settle, with_headings
from models.runs import chains, text_of
from models.tasks import TASKS

INVOICE = TASKS["invoice"]
US = Locale(day_first=False, decimal_comma=False)


def option(value: str, score: float, x: float, y: float) -> Option:
    box = Box(x, y, x + 0.2, y + 0.012)
    return Option(value, score, value, 0, box, ((0, box),))


def page(*lines: tuple[float, float, str]) -> Page:
    """A page of lines (x, y, text), words 0.05 wide."""
    words = []
    for x, y, text in lines:
        for k, piece in enumerate(text.split()):
            left = x + k * 0.055
            words.append(Word(piece, Box(left, y, left + 0.05, y + 0.012)))
    return Page(number=1, width=600, height=800, words=tuple(words))


def test_an_address_belongs_to_the_name_above_it_though_another_role_is_likelier() -> None:
    mill, shop = option("Mill Ltd", 0.9, 0.1, 0.1), option("Shop Inc", 0.9, 0.1, 0.3)
    street, lane = "1 Mill Street", "2 Shop Lane"
    chosen = settle(
        {
            "supplier_name": [mill],
            "customer_name": [shop],
            "supplier_address": [option(lane, 0.5, 0.1, 0.32), option(street, 0.45, 0.1, 0.12)],
            "customer_address": [option(street, 0.5, 0.1, 0.12), option(lane, 0.45, 0.1, 0.32)],
        }
    )
    assert chosen["supplier_address"].value == street
    assert chosen["customer_address"].value == lane


def headed(*lines: str) -> dict[str, float]:
    """Return the names that an address on the last line gets from what stands above it."""
    printed = page(*((0.1, 0.1 + 0.02 * n, line) for n, line in enumerate(lines)))
    blocks = Blocks(printed)
    segment = blocks.segments[-1]
    box = blocks.box(segment)
    address = Option(lines[-1], 0.8, lines[-1], 0, box, ((0, box),), segment.start)
    found = with_headings({"ship_to_address": [address]}, [printed], [blocks])
    return {option.value: option.score for option in found.get("ship_to_name", ())}


def test_what_stands_on_top_of_an_address_may_be_its_name() -> None:
    assert headed("Consignee:", "Mill Market", "8211", "1 Mill Street") == {"Mill Market": HEADING}
    assert headed("Mill Market", "Frau Eva Mill", "1 Mill Street") == {"Mill Market": HEADING}
    assert headed("Consignee:", "1 Mill Street") == {}
    assert headed("Order 4711 of May", "1 Mill Street") == {}
    printed = page((0.1, 0.1, "Mill Market"), (0.1, 0.12, "1 Mill Street"))
    blocks = Blocks(printed)
    address = Option("1 Mill Street", 0.8, "", 0, blocks.box((2, 3, 4)), (), 2)
    name = Option("Mill Market", 0.1, "Mill Market", 0, blocks.box((0, 1)), (), 0)
    given = {"ship_to_address": [address], "ship_to_name": [name]}
    [lifted] = with_headings(given, [printed], [blocks])["ship_to_name"]
    assert (lifted.value, lifted.score) == ("Mill Market", HEADING)


def test_nobody_sells_to_himself() -> None:
    both = option("Mill Ltd", 0.8, 0.1, 0.1)
    other = option("Shop Inc", 0.4, 0.1, 0.3)
    chosen = settle({"supplier_name": [both], "customer_name": [both, other]})
    assert chosen["supplier_name"].value == "Mill Ltd"
    assert chosen["customer_name"].value == "Shop Inc"


def test_goods_may_go_to_the_customer() -> None:
    name = option("Shop Inc", 0.9, 0.1, 0.3)
    chosen = settle({"customer_name": [name], "ship_to_name": [name]})
    assert chosen["ship_to_name"].value == chosen["customer_name"].value


def test_what_is_hardly_likely_is_no_value() -> None:
    assert settle({"customer_name": [option("Shop Inc", 0.2, 0.1, 0.3)]}) == {}


@pytest.mark.parametrize(
    ("x", "y", "together"),
    [(0.1, 0.115, True), (0.1, 0.2, False), (0.5, 0.115, False), (0.31, 0.1, True)],
)
def test_a_name_stands_right_above_its_address_or_before_it(
    x: float, y: float, together: bool
) -> None:
    assert bonded(option("Mill Ltd", 0.9, 0.1, 0.1), option("1 Road", 0.9, x, y)) is together


def test_a_line_of_an_address_is_whole_unless_its_words_object() -> None:
    sheet = page((0.1, 0.1, "14 Long Hill Road"), (0.1, 0.115, "Phone: 12345"))
    own = np.array([0.9, 0.25, 0.02, 0.9, 0.0, 0.4], dtype=np.float32)
    found = chains(Kind.ADDRESS, sheet, Blocks(sheet), own, np.zeros(6, dtype=np.float32))
    assert text_of(Kind.ADDRESS, sheet, found[0], ", ").startswith("14 Long Hill Road")
    sure = np.array([0.9, 0.01, 0.01, 0.01, 0.0, 0.0], dtype=np.float32)
    cut = chains(Kind.NAME, sheet, Blocks(sheet), sure, np.zeros(6, dtype=np.float32))
    assert cut == [[(0,)]]


def test_the_country_is_no_part_of_an_address() -> None:
    sheet = page((0.1, 0.1, "1 High Street"), (0.1, 0.115, "33014 Oulu"), (0.1, 0.13, "Finnland"))
    own = np.full(6, 0.9, dtype=np.float32)
    (chain,) = chains(Kind.ADDRESS, sheet, Blocks(sheet), own, np.zeros(6, dtype=np.float32))
    assert text_of(Kind.ADDRESS, sheet, chain, ", ") == "1 High Street, 33014 Oulu"
    assert is_country("Deutschland") and not is_country("Deutschland GmbH")


def test_a_name_is_found_though_the_model_wavers_between_two_parties() -> None:
    sheet = page((0.1, 0.1, "Northern Mill Ltd"))
    scores = np.zeros((3, len(INVOICE.labels)), dtype=np.float32)
    names = INVOICE.names
    scores[:, names.index("supplier_name")] = 0.28
    scores[:, names.index("customer_name")] = 0.25
    found = options(
        [sheet], [Blocks(sheet)], [scores], [np.zeros(3, dtype=np.float32)], INVOICE, US
    )
    assert [o.value for o in found["supplier_name"]] == ["Northern Mill Ltd"]
    assert found["supplier_name"][0].score > found["customer_name"][0].score
