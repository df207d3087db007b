"""Tracking numbers with a check digit, found on the page where the model has read none."""

from __future__ import annotations

import pytest

from doctally.pages import Page
from doctally.results import FieldValue
from doctally.schemas import DocumentType
from extractors.plain import pages_of_text
from models.tracked import tracking_of

STATUS = DocumentType.SHIPMENT_STATUS


def page(text: str) -> list[Page]:
    pages, _ = pages_of_text(text, max_pages=1)
    return list(pages)


@pytest.mark.parametrize(
    "text",
    [
        "Your parcel 1Z999AA10123456784 is on its way",
        "Tracking number: 1Z 999 AA1 01 2345 6784",
        "Order 4711-2024, phone 030 1234567\nSendung 1Z999AA10123456784.",
    ],
)
def test_the_one_number_that_checks_is_taken_with_its_place(text: str) -> None:
    value = tracking_of(page(text), STATUS, {})["tracking_number"]
    assert value.value == "1Z999AA10123456784"
    assert (value.page, value.box is None) == (1, False)
    part = {"tracking_number": FieldValue("AA10123456784", 0.6)}
    assert tracking_of(page(text), STATUS, part)["tracking_number"].value == value.value


def test_what_the_model_has_read_two_numbers_and_broken_ones_change_nothing() -> None:
    text = "Parcel 1Z999AA10123456784"
    assert tracking_of(page(text), STATUS, {"tracking_number": FieldValue("JD77", 0.9)}) == {}
    assert tracking_of(page(text), DocumentType.INVOICE, {}) == {}
    assert tracking_of(page("Parcel 1Z999AA10123456785"), STATUS, {}) == {}
    assert tracking_of(page(text + " or RR123456785GB"), STATUS, {}) == {}
