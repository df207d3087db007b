from __future__ import annotations

from dataclasses import replace

import numpy as np
from tiny import page_of

from doctally.pages import Box, Page
from doctally.results import FieldValue
from doctally.schemas import Kind
from doctally.values import Locale
from models.blocks import Blocks
from models.candidates import candidates
from models.consistent import as_billed, consistent
from models.decode import Begins, Option, Scores, decode, options
from models.figures import FIGURE_FLAGS, figure_flags
from models.labels import find
from models.lines import line_items
from models.runs import chains
from models.tasks import TASKS
from models.totals import printed_sums

US = Locale(day_first=False, decimal_comma=False)
INVOICE = TASKS["invoice"]
BOX = Box(0, 0, 0.1, 0.1)


def scores_of(page: Page, marks: dict[str, list[int]], sure: float = 0.9) -> Scores:
    """Return probabilities that put ``sure`` on the given label at the given words."""
    scores = np.full((len(page.words), len(INVOICE.labels)), 1e-4, dtype=np.float32)
    scores[:, 0] = 0.99
    for name, words in marks.items():
        for word in words:
            scores[word, 0] = 1 - sure
            scores[word, INVOICE.names.index(name)] = sure
    return scores


def quiet(page: Page) -> list[Begins]:
    return [np.zeros(len(page.words), dtype=np.float32)]


def read(page: Page, marks: dict[str, list[int]]) -> dict[str, str]:
    found = options([page], [Blocks(page)], [scores_of(page, marks)], quiet(page), INVOICE, US)
    return {name: value.value for name, value in decode(found).items()}


def test_a_date_takes_the_whole_span_that_parses_though_one_word_was_marked() -> None:
    page = page_of("issued Mar 29, 2020 by us")
    assert read(page, {"issue_date": [1, 2, 3]}) == {"issue_date": "2020-03-29"}


def test_a_glued_range_gives_start_and_end() -> None:
    page = page_of("Flight 4/20/20-4/26/20")
    found = read(page, {"service_start": [1]})
    assert found["service_start"] == "2020-04-20"
    page_scores = scores_of(page, {"service_start": [1]})
    page_scores[1, INVOICE.names.index("service_end")] = 0.05
    both = decode(options([page], [Blocks(page)], [page_scores], quiet(page), INVOICE, US))
    assert both["service_end"].value == "2020-04-26"


def test_an_address_goes_on_below_and_not_in_the_next_column() -> None:
    page = page_of("12 Main Street      Ship to:", "Springfield         Dock 4")
    found = read(page, {"supplier_address": [0, 1, 2, 5]})
    assert found["supplier_address"] == "12 Main Street, Springfield"


def test_a_value_below_the_threshold_is_left_out() -> None:
    page = page_of("Invoice 4711")
    scores = scores_of(page, {"document_number": [1]}, 0.2)
    found = options([page], [Blocks(page)], [scores], quiet(page), INVOICE, US)
    assert decode(found) == {}


def test_values_carry_page_box_and_the_printed_text() -> None:
    page = page_of("Total  $1,234.50")
    found = options(
        [page], [Blocks(page)], [scores_of(page, {"total_gross": [1]})], quiet(page), INVOICE, US
    )
    value = decode(found)["total_gross"]
    assert (value.value, value.page, value.text) == ("1234.50", 1, "$1,234.50")
    assert value.box == page.words[1].box
    assert 0.85 < value.confidence < 0.95


def option(value: str, score: float) -> Option:
    return Option(value, score, value, 0, BOX)


def test_sums_choose_the_second_best_total_when_only_it_adds_up() -> None:
    found = {
        "total_net": [option("100.00", 0.9)],
        "total_tax": [option("19.00", 0.8)],
        "total_gross": [option("100.00", 0.55), option("119.00", 0.40)],
    }
    assert consistent(found)["total_gross"].value == "119.00"
    assert decode(found)["total_gross"].value == "100.00"


def test_a_tax_is_as_negative_as_its_net_where_the_minus_stands_apart() -> None:
    found = {
        "total_net": [option("-7.67", 0.9)],
        "total_tax": [option("1.12", 0.8)],
        "total_gross": [option("-8.79", 0.9)],
    }
    read = consistent(found)
    assert read["total_tax"].value == "-1.12"
    assert read["total_tax"].confidence > 0.8
    wrong_sum = found | {"total_gross": [option("-6.55", 0.9)]}  # -7.67 + 1.12
    assert consistent(wrong_sum)["total_tax"].value == "1.12"


def test_totals_that_do_not_add_up_keep_their_likeliest_values() -> None:
    found = {
        "total_net": [option("100.00", 0.9)],
        "total_tax": [option("19.00", 0.8)],
        "total_gross": [option("150.00", 0.9)],
    }
    assert consistent(found)["total_gross"].value == "150.00"


def test_candidates_are_what_parses_and_nothing_else() -> None:
    page = page_of("Total due 04/05/2020 is $ 99.00 for 3 items")
    block = Blocks(page)
    assert [c.value for c in candidates(page, block, Kind.DATE, US)] == ["2020-04-05"]
    assert "99.00" in [c.value for c in candidates(page, block, Kind.AMOUNT, US)]


def test_a_name_over_two_lines_is_found_as_one_span() -> None:
    page = page_of("ACME Trading    Invoice", "Company Ltd     2020-01-02")
    spans = find([page], [Blocks(page)], Kind.NAME, "ACME Trading Company Ltd.", US)
    assert spans == [(0, (0, 1, 3, 4))]


def test_a_name_does_not_grow_over_the_web_address_beside_it() -> None:
    page = page_of("www.station.example/rates One Nation")
    sure = np.array([0.2, 0.9, 0.9], dtype=np.float32)
    found = chains(Kind.NAME, page, Blocks(page), sure, np.zeros(3, dtype=np.float32))
    assert found == [[(1, 2)]]


def test_a_number_glued_to_its_caption_is_found() -> None:
    page = page_of("InvNo:950658-1 Page")
    assert find([page], [Blocks(page)], Kind.IDENTIFIER, "950658-1", US) == [(0, (0,))]


def test_every_place_of_a_value_is_found() -> None:
    page = page_of("Total 25.00", "Cash 25.00")
    assert find([page], [Blocks(page)], Kind.AMOUNT, "25.00", US) == [(0, (1,)), (0, (3,))]


def test_wrapped_descriptions_join_the_row_above_them() -> None:
    page = page_of(
        "Blue widget      2     5.00     10.00",
        "with lid",
        "Red widget       1     7.00      7.00",
    )
    marks = {
        "item.description": [0, 1, 5, 6, 7, 8],
        "item.quantity": [2, 9],
        "item.unit_price": [3, 10],
        "item.amount_net": [4, 11],
    }
    rows = line_items([page], [Blocks(page)], [scores_of(page, marks)], INVOICE, US)
    assert [{n: v.value for n, v in row.items()} for row in rows] == [
        {
            "description": "Blue widget with lid",
            "quantity": "2",
            "unit_price": "5.00",
            "amount_net": "10.00",
        },
        {"description": "Red widget", "quantity": "1", "unit_price": "7.00", "amount_net": "7.00"},
    ]


def test_a_row_printed_over_two_lines_of_figures_is_one() -> None:
    page = page_of("1    Blue widget    5.00", "EAN 4012345    10.00", "2    Red widget    7.00")
    marks = {
        "item.position": [0, 7],
        "item.description": [1, 2, 8, 9],
        "item.unit_price": [3, 10],
        "item.code": [5],
        "item.amount_net": [6],
    }
    rows = line_items([page], [Blocks(page)], [scores_of(page, marks)], INVOICE, US)
    assert [{n: v.value for n, v in row.items()} for row in rows] == [
        {
            "position": "1",
            "description": "Blue widget",
            "unit_price": "5.00",
            "code": "4012345",
            "amount_net": "10.00",
        },
        {"position": "2", "description": "Red widget", "unit_price": "7.00"},
    ]


def test_discounts_and_freight_below_numbered_lines_are_no_lines() -> None:
    goods = ("1    Blue widget    2    10.00", "2    Red widget    1    7.00")
    charges = ("Discount 2 %         -0.34", "Freight              5.00")
    page = page_of(*goods, *charges)
    at = {word.text: i for i, word in enumerate(page.words)}
    marks = {
        "item.position": [0, 5],
        "item.description": [1, 2, 6, 7, at["Discount"], at["Freight"]],
        "item.quantity": [3, 8],
        "item.amount_net": [4, 9, at["-0.34"], at["5.00"]],
    }
    rows = line_items([page], [Blocks(page)], [scores_of(page, marks)], INVOICE, US)
    assert [row["amount_net"].value for row in rows] == ["10.00", "7.00"]
    plain = {**marks, "item.position": []}  # nothing tells them from lines here
    rows = line_items([page], [Blocks(page)], [scores_of(page, plain)], INVOICE, US)
    assert len(rows) == 4


def test_figures_know_the_largest_amount_and_what_adds_up() -> None:
    page = page_of("Net 100.00 tax 19.00 total 119.00 paid 119.00 no 4711")
    flags = figure_flags([page], US)[0]
    named = {
        w.text: dict(zip(FIGURE_FLAGS, f, strict=True))
        for w, f in zip(page.words, flags, strict=True)
    }
    assert named["119.00"] == {
        "largest": True, "second": False, "sum": True, "part": False, "repeated": True
    }  # fmt: skip
    assert named["100.00"]["second"] and named["100.00"]["part"] and not named["100.00"]["sum"]
    assert not any(named["4711"].values())


def test_a_line_that_begins_its_own_value_is_not_joined_to_the_one_above() -> None:
    page = page_of("Jane Doe 2020", "JANE DOE")
    scores = scores_of(page, {"customer_name": [0, 1, 2, 3, 4]})
    scores[3:, INVOICE.names.index("customer_name")] = 0.7
    begins = [np.array([0.9, 0, 0, 0.9, 0], dtype=np.float32)]
    found = decode(options([page], [Blocks(page)], [scores], begins, INVOICE, US))
    assert found["customer_name"].value == "Jane Doe 2020"


def test_a_date_leaves_out_the_time_of_day_and_the_weekday() -> None:
    page = page_of("Thu 3/26/2020 6:35 PM")
    assert [c.words for c in candidates(page, Blocks(page), Kind.DATE, US)] == [(1,)]
    assert read(page, {"issue_date": [1]}) == {"issue_date": "2020-03-26"}


def test_an_iban_ends_where_its_check_digits_say() -> None:
    page = page_of("konto DE89 3704 0044 0532 0130 00 BY transfer")
    found = candidates(page, Blocks(page), Kind.IBAN, US)
    assert found[0].value == "DE89370400440532013000"
    assert found[0].words == (1, 2, 3, 4, 5, 6)


def test_the_only_account_number_of_a_bill_is_believed_if_its_check_digits_are_right() -> None:
    good, other, bad = "DE89370400440532013000", "GB82WEST12345698765432", "DE88370400440532013000"
    assert consistent({"supplier_iban": [option(good, 0.2)]})["supplier_iban"].value == good
    assert "supplier_iban" not in consistent({"supplier_iban": [option(bad, 0.2)]})
    two = [option(good, 0.2), option(other, 0.15)]
    assert "supplier_iban" not in consistent({"supplier_iban": two})


def test_an_iban_goes_on_below_where_its_check_digits_say() -> None:
    page = page_of("IBAN DE89 3704 0044", "     0532 0130 00", "     BIC COBADEFF")
    found = candidates(page, Blocks(page), Kind.IBAN, US)
    assert [c.value for c in found] == ["DE89370400440532013000"]
    assert found[0].words == (1, 2, 3, 4, 5, 6)
    other = page_of("IBAN DE89 3704 0044", "     0532 0130 01")
    assert all(
        c.value != "DE89370400440532013001" for c in candidates(other, Blocks(other), Kind.IBAN, US)
    )


def test_an_iban_with_a_wrong_digit_is_still_found_by_its_groups() -> None:
    page = page_of("DE88 3704 0044 0532 0130 00 please")
    found = candidates(page, Blocks(page), Kind.IBAN, US)
    assert found[0].value == "DE88370400440532013000"


def test_a_quantity_may_be_grouped_by_spaces_but_not_take_in_its_neighbour() -> None:
    grouped = page_of("Weight 2 232,4 kg")
    comma = Locale(day_first=True, decimal_comma=True)
    found = candidates(grouped, Blocks(grouped), Kind.QUANTITY, comma)
    assert "2232.4" in {c.value for c in found}
    apart = page_of("1 20 pieces")
    assert {c.value for c in candidates(apart, Blocks(apart), Kind.QUANTITY, US)} >= {"1", "20"}


def test_a_discount_is_the_same_with_and_without_its_minus() -> None:
    page = page_of("Discount -12.50")
    assert read(page, {"discount": [1]}) == {"discount": "12.50"}


def test_a_mark_between_two_parts_of_an_address_does_not_cut_it() -> None:
    page = page_of("12 Main Street | Springfield")
    found = read(page, {"supplier_address": [0, 1, 2, 4]})
    assert found["supplier_address"] == "12 Main Street, Springfield"


def test_letters_of_a_country_before_a_postal_code_are_no_part_of_the_address() -> None:
    page = page_of("Ringstr. 3", "D-80333 Munchen")
    found = read(page, {"customer_address": [0, 1, 2, 3]})
    assert found["customer_address"] == "Ringstr. 3, 80333 Munchen"
    assert find([page], [Blocks(page)], Kind.ADDRESS, "Ringstr. 3, 80333 Munchen", US)
    state = page_of("Dover, DE 19901")
    assert read(state, {"customer_address": [0, 1, 2]})["customer_address"] == "Dover, DE 19901"


def test_a_legal_form_belongs_to_the_name_beside_it() -> None:
    page = page_of("Muster Lieferant GmbH & Co. KG   Tel: 123")
    assert read(page, {"supplier_name": [0, 1]})["supplier_name"] == (
        "Muster Lieferant GmbH & Co. KG"
    )
    assert read(page, {"supplier_name": [2]})["supplier_name"] == "Muster Lieferant GmbH & Co. KG"


def test_an_address_of_one_line_gets_its_other_half() -> None:
    page = page_of("Kundenweg 88", "40235 Duesseldorf", "Tel: 0211 1234")
    whole = "Kundenweg 88, 40235 Duesseldorf"
    assert read(page, {"customer_address": [0, 1]})["customer_address"] == whole
    assert read(page, {"customer_address": [2, 3]})["customer_address"] == whole


def test_an_address_goes_to_the_end_of_its_postal_line() -> None:
    town = page_of("ul. Bema 14", "06-841 Bielsko Biala      Tel: 0211 1234")
    found = read(town, {"customer_address": [0, 1, 2, 3, 4]})
    assert found["customer_address"] == "ul. Bema 14, 06-841 Bielsko Biala"
    wrapped = page_of("Rue Parent 29, 63230", "Saint Denis")
    assert read(wrapped, {"customer_address": [0, 1, 2, 3]})["customer_address"] == (
        "Rue Parent 29, 63230, Saint Denis"
    )
    third = page_of("Flat 5", "Robinson Road, Harlow", "WR7 0UR", "Total 7.00")
    assert read(third, {"customer_address": [0, 1, 2, 3, 4]})["customer_address"] == (
        "Flat 5, Robinson Road, Harlow, WR7 0UR"
    )


def test_a_floor_with_a_caption_is_part_of_the_address() -> None:
    page = page_of("Verwaltung Weg 40", "Einheit: 5.OG rechts", "12345 Musterstadt")
    found = read(page, {"ship_to_address": [4, 5, 6, 7]})
    assert found["ship_to_address"] == "Verwaltung Weg 40, Einheit: 5.OG rechts, 12345 Musterstadt"
    caption = page_of("Kunde: 4711", "Anschrift: Weg 40", "12345 Musterstadt")
    assert read(caption, {"ship_to_address": [3, 4, 5, 6]})["ship_to_address"] == (
        "Weg 40, 12345 Musterstadt"
    )


def test_a_firm_on_top_and_a_number_below_are_no_part_of_an_address() -> None:
    page = page_of("Nemarlog Foods GmbH", "8211", "5 Main Street", "43764 Kajang", "3 Consignee")
    found = read(page, {"ship_to_address": list(range(len(page.words)))})
    assert found["ship_to_address"] == "5 Main Street, 43764 Kajang"


def test_what_leads_to_a_name_is_no_part_of_it() -> None:
    assert read(page_of("Firma MIIA e.K."), {"customer_name": [0, 1, 2]}) == {
        "customer_name": "MIIA e.K."
    }
    assert read(page_of("Odbiorca : MN Handel"), {"customer_name": [0, 1, 2, 3]}) == {
        "customer_name": "MN Handel"
    }


def billed(page: Page, chances: dict[str, dict[int, float]], cells: list[int]) -> dict[str, str]:
    """Return the amounts that are read, where some words are cells of lines."""
    blocks, scores = [Blocks(page)], scores_of(page, {})
    for name, words in chances.items():
        for word, chance in words.items():
            scores[word, INVOICE.names.index(name)] = chance
    found = options([page], blocks, [scores], quiet(page), INVOICE, US)
    rows = [{"amount_net": FieldValue("100.00", 0.9, 1, blocks[0].box((i,)))} for i in cells]
    read = consistent(found, rows, printed_sums([page], blocks, US, rows))
    return {name: value.value for name, value in read.items()}


def test_a_sum_that_the_page_prints_is_read_though_the_network_leans_to_others() -> None:
    leaning = {"total_net": {1: 0.5, 3: 0.3}, "total_gross": {7: 0.3, 9: 0.6}}
    page = page_of("Chair 90.00", "Net 100.00", "VAT 20.00", "Total 120.00", "Deposit 450.00")
    assert billed(page, leaning, []) == {
        "total_net": "100.00",
        "total_tax": "20.00",
        "total_gross": "120.00",
    }
    none = page_of("Chair 90.00", "Net 100.00", "VAT 21.00", "Total 120.00", "Deposit 450.00")
    assert billed(none, leaning, []) == {"total_net": "90.00", "total_gross": "450.00"}


def test_the_sum_of_a_table_of_tax_rates_is_believed_against_a_likelier_total() -> None:
    page = page_of(
        "Goods 457.20  326.50",
        "Net Tax Gross",
        "321.40  61.07  382.47",
        "127.59  8.93  136.52",
        "448.99  70.00  518.99",
    )
    leaning = {"total_net": {2: 0.5}, "total_gross": {1: 0.9, 14: 0.13}}
    assert billed(page, leaning, []) == {
        "total_net": "448.99",
        "total_tax": "70.00",
        "total_gross": "518.99",
    }


def test_the_amount_of_the_only_line_is_no_printed_net() -> None:
    page = page_of("Chair 100.00", "VAT 20.00", "Total 120.00")
    sure = {"total_tax": {3: 0.9}, "total_gross": {5: 0.9}}
    assert billed(page, sure, [1]) == {"total_tax": "20.00", "total_gross": "120.00"}


def test_terms_are_read_from_where_their_sentence_begins_to_where_it_ends() -> None:
    page = page_of("Note. Please pay by 22-Apr-26 at the latest. Thank you", "Total 5.00")
    found = read(page, {"payment_terms": [2, 3], "due_date": [4]})
    assert found["payment_terms"] == "Please pay by 22-Apr-26 at the latest."
    captioned = page_of("Terms: 2 % within 10 days, otherwise", "net 45 days       Page 1")
    assert read(captioned, {"payment_terms": [1, 2, 3]})["payment_terms"] == (
        "2 % within 10 days, otherwise net 45 days"
    )
    waiting = page_of("payable until", "4. May 2026", "Total 5.00")
    assert read(waiting, {"payment_terms": [0, 1]})["payment_terms"] == "payable until 4. May 2026"
    ended = page_of("within 30 days", "6 boxes")
    assert read(ended, {"payment_terms": [0, 1, 2]})["payment_terms"] == "within 30 days"


def test_a_scrap_of_the_line_above_is_no_part_of_an_address() -> None:
    page = page_of("Attn Dana James", "Unit 31, Wisma Cempaka", "43764 Kajang")
    found = read(page, {"customer_address": list(range(2, 9))})
    assert found["customer_address"] == "Unit 31, Wisma Cempaka, 43764 Kajang"
    assert "customer_address" not in read(page_of("Turnpike Ltd"), {"customer_address": [0]})


def test_a_branch_and_a_code_are_no_part_of_a_name_or_an_address() -> None:
    page = page_of("8211", "GLN 4304171088093", "Branch: 17", "5 Main Street", "43764 Kajang")
    found = read(page, {"ship_to_address": list(range(len(page.words)))})
    assert found["ship_to_address"] == "5 Main Street, 43764 Kajang"
    assert read(page, {"ship_to_name": [1, 2]}) == {}


def test_the_tax_alone_is_never_what_is_due() -> None:
    page = page_of("Tax 70.00", "Total 518.99")
    found = options(
        [page],
        [Blocks(page)],
        [scores_of(page, {"total_tax": [1], "total_gross": [3], "amount_due": []})],
        quiet(page),
        INVOICE,
        US,
    )
    due = Option("70.00", 0.9, "70.00", 0, BOX)
    assert "amount_due" not in consistent({**found, "amount_due": [due]})
    paid = replace(due, value="518.99", text="518.99")
    assert consistent({**found, "amount_due": [paid]})["amount_due"].value == "518.99"


def test_a_name_does_not_end_in_and() -> None:
    page = page_of("Home Hardware &", "Electrical", "", "5 Main Street")
    assert read(page, {"supplier_name": [0, 1, 2]})["supplier_name"] == (
        "Home Hardware & Electrical"
    )
    beside = page_of("Rest and Service", "5 Main Street")
    assert read(beside, {"supplier_name": [0, 1]})["supplier_name"] == "Rest and Service"


def test_two_figures_are_no_telephone_number() -> None:
    page = page_of("Tel: 020 7946 0018", "Ext: 276")
    assert read(page, {"supplier_phone": [5]}) == {}
    assert read(page, {"supplier_phone": [1, 2, 3]})["supplier_phone"] == "020 7946 0018"


def test_a_cut_telephone_number_gives_way_to_the_whole_one() -> None:
    page = page_of("Tel: +49 932 431", "Tel: +49 932 431 500", "Tel: 0211 1234")
    scores = scores_of(page, {"supplier_phone": [1, 2, 3, 5, 6, 7, 8, 10, 11]})
    scores[[1, 2, 3], INVOICE.names.index("supplier_phone")] = 0.95
    found = options([page], [Blocks(page)], [scores], quiet(page), INVOICE, US)
    assert {o.value for o in found["supplier_phone"]} == {"+49 932 431 500", "0211 1234"}


def test_an_unlikely_number_is_an_option_where_its_line_has_no_likelier_one() -> None:
    page = page_of("Invoice 4711 of 12")
    scores = scores_of(page, {"document_number": [1]}, 0.15)
    found = options([page], [Blocks(page)], [scores], quiet(page), INVOICE, US)
    assert [option.value for option in found["document_number"]] == ["4711"]
    scores[3, INVOICE.names.index("document_number")] = 0.6
    found = options([page], [Blocks(page)], [scores], quiet(page), INVOICE, US)
    assert [option.value for option in found["document_number"]] == ["12"]


def test_what_stands_below_an_address_and_is_no_postal_line_stays_out() -> None:
    page = page_of("Kundenweg 88", "Artikel 40235 Stueck", "Summe 12.50")
    assert read(page, {"customer_address": [0, 1]})["customer_address"] == "Kundenweg 88"


def test_a_chance_sum_does_not_overrule_a_total_that_is_certain() -> None:
    def option(value: str, score: float) -> Option:
        return Option(value, score, value, 0, BOX)

    found = {
        "total_net": [option("30.03", 0.66), option("22.80", 0.29)],
        "total_tax": [option("1.36", 0.64)],
        "total_gross": [option("54.19", 0.94), option("24.16", 0.55)],
    }
    assert consistent(found)["total_gross"].value == "54.19"


def test_a_tax_higher_than_any_country_takes_makes_no_sum() -> None:
    def option(value: str, score: float) -> Option:
        return Option(value, score, value, 0, BOX)

    found = {
        "total_net": [option("260.00", 0.9)],
        "total_tax": [option("120.00", 0.3)],
        "total_gross": [option("380.00", 0.9)],
    }
    assert "total_tax" not in consistent(found)


def test_nothing_is_due_before_it_is_billed() -> None:
    found = {
        "issue_date": [option("2026-03-02", 0.8)],
        "due_date": [option("2026-01-15", 0.6), option("2026-03-30", 0.5)],
    }
    assert consistent(found)["due_date"].value == "2026-03-30"
    found["due_date"] = [option("2026-01-15", 0.6)]
    assert set(consistent(found)) == {"issue_date"}


def test_an_invoice_that_pays_back_is_a_credit_note() -> None:
    def gross(value: str) -> dict[str, FieldValue]:
        return {"total_gross": FieldValue(value, 0.9)}

    assert as_billed("invoice", gross("-8.79")) == "credit_note"
    assert as_billed("invoice", gross("8.79")) == "invoice"
    assert as_billed("receipt", gross("-8.79")) == "receipt"
    assert as_billed("invoice", {}) == "invoice"


def test_a_total_that_the_lines_come_to_wins_over_a_likelier_one() -> None:
    def option(value: str, score: float) -> Option:
        return Option(value, score, value, 0, BOX)

    found = {"total_net": [option("40.00", 0.6), option("30.00", 0.45)]}
    lines = [{"amount_net": FieldValue(value, 0.9)} for value in ("10.00", "20.00")]
    assert consistent(found)["total_net"].value == "40.00"
    assert consistent(found, lines)["total_net"].value == "30.00"
    found |= {"shipping_amount": [option("10.00", 0.5)]}
    assert consistent(found, lines)["total_net"].value == "40.00"
    unpriced = [*lines, {"description": FieldValue("note", 0.9)}]
    assert consistent({"total_net": found["total_net"]}, unpriced)["total_net"].value == "40.00"
