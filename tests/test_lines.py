"""Lines of a table: what belongs to a row, what adds up, and what is no line."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from tiny import page_of

from doctally.pages import Page
from doctally.values import Locale
from models.blocks import Blocks
from models.columns import along_columns
from models.lines import line_items
from models.tasks import TASKS

US = Locale(day_first=False, decimal_comma=False)
INVOICE = TASKS["invoice"]
LABELS = {
    "d": "description",
    "q": "quantity",
    "p": "unit_price",
    "a": "amount_net",
    "c": "code",
    "n": "position",
    "t": "tax_rate",
    "x": "discount",
}


def read(page: Page, marks: str) -> list[Mapping[str, str]]:
    """Return the lines when the model says a letter of ``LABELS`` (or ``.``) of each word."""
    scores = np.full((len(page.words), len(INVOICE.labels)), 1e-5, dtype=np.float32)
    for word, mark in enumerate(marks.replace(" ", "")):
        name = f"item.{LABELS[mark]}" if mark != "." else INVOICE.names[0]
        scores[word, INVOICE.names.index(name)] = 0.9
    found = line_items([page], [Blocks(page)], [scores], INVOICE, US)
    return [{name: value.value for name, value in row.items()} for row in found]


def test_a_description_below_its_figures_stays_with_them() -> None:
    page = page_of(
        "Page Item", "", "", "", "2 5.00 10.00", "Blue widget", "", "3 4.00 12.00", "Red widget"
    )
    found = read(page, "d. qpa dd qpa dd")
    assert [row["description"] for row in found] == ["Blue widget", "Red widget"]


def test_a_description_above_its_figures_stays_with_them() -> None:
    page = page_of("Blue widget", "2 5.00 10.00", "", "Red widget", "3 4.00 12.00")
    found = read(page, "dd qpa dd qpa")
    assert [row["description"] for row in found] == ["Blue widget", "Red widget"]


def test_what_stands_far_below_a_table_is_no_part_of_its_last_row() -> None:
    page = page_of("Blue widget   2   5.00   10.00", "", "", "", "Copyright Muster")
    assert read(page, "dd q p a dd")[0]["description"] == "Blue widget"


def test_of_two_codes_the_sellers_own_counts() -> None:
    page = page_of("4012345001235      ZS997      Blue widget      10.00")
    assert read(page, "c c dd a")[0]["code"] == "ZS997"
    alone = page_of("4012345001235      Blue widget      10.00")
    assert read(alone, "c dd a")[0]["code"] == "4012345001235"


def test_a_number_with_decimals_is_no_position() -> None:
    page = page_of("100.00      Blue widget      5.00      10.00")
    assert "position" not in read(page, "n dd p a")[0]


def test_a_quantity_the_model_missed_is_found_by_the_product() -> None:
    page = page_of("Blue widget      20      9.90      198.00")
    assert read(page, "dd . p a") == [
        {
            "description": "Blue widget",
            "quantity": "20",
            "unit_price": "9.90",
            "amount_net": "198.00",
        }
    ]


def test_an_amount_that_is_another_column_is_read_anew() -> None:
    page = page_of("Hotel      1      158.88      7.00      158.88")
    assert read(page, "d q p a .")[0]["amount_net"] == "158.88"


def test_quantity_and_price_the_wrong_way_round_change_places() -> None:
    page = page_of("Deposit      15      3.10      46.50")
    found = read(page, "d . q a")[0]
    assert (found["quantity"], found["unit_price"]) == ("15", "3.10")


def test_two_pairs_that_make_the_amount_leave_it_open() -> None:
    page = page_of("Bolt      4      2.50      5      2.00      10.00")
    assert read(page, "d . . . . a") == [{"description": "Bolt", "amount_net": "10.00"}]


def test_a_number_grouped_by_a_space_is_whole_though_the_model_saw_a_part() -> None:
    page = page_of("Bolt      1 776      0.50      888.00")
    assert read(page, "d .q p a")[0]["quantity"] == "1776"
    large = page_of("Bolt      2      2 392.80      4 785.60")
    found = read(large, "d q .p .a")[0]
    assert (found["unit_price"], found["amount_net"]) == ("2392.80", "4785.60")


def test_a_group_that_is_a_cell_of_its_own_stays_one() -> None:
    page = page_of("Bolt      2 392.80      785.60")
    found = read(page, "d qp a")[0]
    assert (found["quantity"], found["unit_price"]) == ("2", "392.80")


def test_a_discount_that_explains_the_amount_stays() -> None:
    page = page_of("Bolt      10      5.00      4.00      46.00")
    found = read(page, "d q p x a")[0]
    assert (found["discount"], found["amount_net"]) == ("4.00", "46.00")


def test_a_line_of_the_tax_summary_is_no_line() -> None:
    page = page_of("Bolt      2      5.00      10.00", "VAT      10.00      19      1.90")
    assert [row["description"] for row in read(page, "d q p a d q t a")] == ["Bolt"]


def test_a_row_without_name_and_product_is_no_line_among_named_ones() -> None:
    page = page_of("Bolt      2      5.00      10.00", "     7.00      3.00")
    assert len(read(page, "d q p a p a")) == 1
    receipt = page_of("7.00      3.00")
    assert len(read(receipt, "p a")) == 1


def test_a_word_the_model_is_unsure_of_is_what_stands_above_it() -> None:
    page = page_of("A      2      10.00", "B      3      20.00", "C      4      30.00")
    amount, none = INVOICE.names.index("item.amount_net"), 0
    scores = np.full((len(page.words), len(INVOICE.labels)), 1e-5, dtype=np.float32)
    scores[:, none] = 0.9
    scores[[2, 8], amount], scores[[2, 8], none] = 0.95, 0.01
    scores[5, amount], scores[5, none] = 0.45, 0.5
    spans = [(w.box.y0, w.box.y1) for w in page.words[::3]]
    drawn = along_columns(page, scores, spans)
    assert drawn[5, amount] > 0.8
    assert drawn[4].argmax() == none
    assert np.allclose(drawn.sum(-1), 1, atol=0.02)
