"""OCR's doubts enter the confidence of values; what a text layer says stays as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tiny import page_of

from doctally.pages import Page
from doctally.results import Extraction, FieldValue
from models.legible import as_read, read_right


def scanned(confidence: dict[str, float]) -> Page:
    page = page_of("invoice 4711", "total 12.50 EUR")
    words = tuple(replace(w, confidence=confidence.get(w.text, 0.999)) for w in page.words)
    return replace(page, words=words, source="ocr")


def value_of(page: Page, *texts: str) -> FieldValue:
    words = [word for word in page.words if word.text in texts]
    box = words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    text = " ".join(word.text for word in words)
    return FieldValue(text, 0.9, page=page.number, box=box, text=text)


def test_a_value_is_as_sure_as_the_words_it_was_read_from() -> None:
    page = scanned({"12.50": 0.9})
    found = Extraction(
        "invoice",
        0.99,
        {
            "document_number": value_of(page, "4711"),
            "total_gross": value_of(page, "12.50", "EUR"),
            "status": FieldValue("delivered", 0.8, source="derived"),
        },
        ({"amount_net": value_of(page, "12.50")},),
    )
    lowered = as_read(found, [page])
    sure, doubted = lowered.fields["document_number"], lowered.fields["total_gross"]
    assert sure.confidence == pytest.approx(0.9 * read_right(0.999))
    assert doubted.confidence == pytest.approx(0.9 * read_right(0.9) * read_right(0.999))
    assert lowered.line_items[0]["amount_net"].confidence == pytest.approx(0.9 * read_right(0.9))
    assert lowered.fields["status"].confidence == 0.8
    assert lowered.route_confidence == 0.99


def test_text_layers_keep_their_confidence_to_the_last_bit() -> None:
    page = replace(scanned({"4711": 0.5}), source="text")
    found = Extraction("invoice", 0.99, {"document_number": value_of(page, "4711")})
    assert as_read(found, [page]) is found


def test_only_the_words_in_the_box_count() -> None:
    page = scanned({"invoice": 0.3, "total": 0.3})
    found = Extraction("invoice", 0.99, {"document_number": value_of(page, "4711")})
    lowered = as_read(found, [page]).fields["document_number"]
    assert lowered.confidence == pytest.approx(0.9 * read_right(0.999))


def test_what_ocr_is_unsure_of_is_more_often_wrong_than_it_says() -> None:
    steps = [read_right(c) for c in (0.5, 0.8, 0.9, 0.99, 0.999, 1.0)]
    assert steps == sorted(steps)
    assert steps[2] < 0.8 and 0.98 < steps[4] < 1
