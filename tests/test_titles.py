from __future__ import annotations

from dataclasses import replace

import pytest
from tiny import page_of

from doctally.pages import Box, Page
from doctally.schemas import DocumentType
from models.tasks import TASKS
from models.titles import captions, evidence, known

TYPES = TASKS["route"].names


def named(page: Page) -> str | None:
    """Return the type that a page's titles speak for most, None where they speak for none."""
    told = evidence(page, TYPES)
    return TYPES[told.index(max(told))] if max(told) > 0 else None


def in_large_letters(page: Page, words: int) -> Page:
    grown = [
        replace(w, box=Box(w.box.x0, w.box.y0 - 0.01, w.box.x1, w.box.y1 + 0.01))
        for w in page.words[:words]
    ]
    return replace(page, words=(*grown, *page.words[words:]))


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Rechnungskorrektur (384) Nr. RK-7 vom 16.09.2018", "credit_note"),
        ("Rechnungskorrektur Nr. RK-7 vom 16.09.2018", "credit_note"),
        ("NOTA DE CRÉDITO", "credit_note"),
        ("Facture n° 2024-17", "invoice"),
        ("Bon de livraison", None),
        ("Auftragsbestätigung 4711", "other"),
        ("Pro forma invoice", "other"),
        ("W A R E N R E C H N U N G  Seite 1", "invoice"),
        ("Handwerkerrechnung 17", "invoice"),
        ("Sammelgutschrift", "credit_note"),
        ("Stornorechnung 4", "credit_note"),
        ("Zamówienie zakupu", "purchase_order"),
        ("Invoices are payable within 30 days", None),
        ("Invoice address", None),
    ],
)
def test_a_title_speaks_for_its_type(title: str, kind: str | None) -> None:
    assert named(page_of("ACME Ltd", title, "some more words here")) == kind


def test_a_caption_is_a_title_only_in_large_letters() -> None:
    page = page_of("Order", "No. 4711   of 3 May", "twelve pieces of something", "and so on")
    assert named(page) is None
    assert named(in_large_letters(page, 1)) == "purchase_order"


def test_large_letters_say_more_and_the_foot_of_a_page_nothing() -> None:
    page = page_of("Invoice", "some more words here", "and still more of them")
    at = TYPES.index(DocumentType.INVOICE)
    large = evidence(in_large_letters(page, 1), TYPES)[at]
    assert large > evidence(page, TYPES)[at] > 0
    lines = [f"line {n} of the text" for n in range(30)]
    assert named(page_of(*lines, "Invoice")) is None


def test_the_first_title_says_more_than_those_below_it() -> None:
    above = page_of("ACME Ltd", "Credit note", "for the goods of", "Invoice", "of last month")
    assert named(above) == "credit_note"
    told = evidence(above, TYPES)
    assert told[TYPES.index(DocumentType.INVOICE)] > 0


def test_a_page_without_words_says_nothing() -> None:
    assert evidence(page_of(), TYPES) == [0.0] * len(TYPES)


def test_every_title_is_written_as_it_is_looked_up() -> None:
    kinds = {kind for kinds in known().values() for kind in kinds}
    assert kinds <= set(TYPES)
    assert captions() <= {" ".join(words) for words in known()}
