from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from doctally.results import Extraction, FieldValue
from models.documents import Truth
from models.evaluate import Counts, Scores, score

TRUTH = Truth(
    path=Path("a.pdf"),
    document_type="invoice",
    fields={"document_number": "A-1", "total_gross": "12.50", "supplier_name": "Acme Ltd."},
    line_items=({"description": "Nut", "quantity": "2"}, {"description": "Bolt"}),
    labelled=frozenset({"document_number", "total_gross", "supplier_name", "due_date"}),
    visible=frozenset({"document_number", "total_gross", "supplier_name", "due_date"}),
    alternatives={"document_number": ("B-2",)},
    types=("invoice",),
    source="test",
)


def extraction(items: tuple[dict[str, str], ...] = (), **fields: str) -> Extraction:
    def value(text: str) -> FieldValue:
        return FieldValue(text, 0.9)

    return Extraction(
        "invoice",
        0.9,
        {n: value(v) for n, v in fields.items()},
        tuple({n: value(v) for n, v in row.items()} for row in items),
    )


def scored(found: Extraction, truth: Truth = TRUTH) -> Scores:
    scores = Scores()
    score(truth, found, scores)
    return scores


def test_a_right_value_counts_in_any_of_its_spellings() -> None:
    header = scored(
        extraction(document_number="b-2", total_gross="12.5", supplier_name="ACME LTD")
    ).header
    assert (header.tp, header.fp, header.fn) == (3, 0, 0)


def test_a_wrong_value_is_both_a_false_positive_and_a_false_negative() -> None:
    header = scored(extraction(total_gross="99.00")).header
    assert (header.tp, header.fp, header.fn) == (0, 1, 3)


def test_a_value_for_a_labelled_name_that_the_document_lacks_is_a_false_positive() -> None:
    header = scored(extraction(due_date="2026-01-01")).header
    assert (header.tp, header.fp, header.fn) == (0, 1, 3)


def test_what_the_set_does_not_label_is_never_an_error() -> None:
    header = scored(extraction(supplier_iban="DE89370400440532013000")).header
    assert header.fp == 0


def test_what_a_hybrid_does_not_print_is_not_asked_for() -> None:
    hidden = replace(TRUTH, visible=frozenset({"document_number"}))
    header = scored(extraction(total_gross="99.00"), hidden).header
    assert (header.tp, header.fp, header.fn) == (0, 0, 1)


def test_rows_are_aligned_before_their_cells_are_compared() -> None:
    items = scored(
        extraction(items=({"description": "bolt"}, {"description": "nut", "quantity": "3"}))
    ).items
    assert (items.tp, items.fp, items.fn) == (2, 1, 1)


def test_a_type_that_is_right_as_well_counts() -> None:
    either = replace(TRUTH, types=("receipt", "invoice"))
    assert scored(extraction(), either).typed_right == 1
    assert scored(extraction(), replace(TRUTH, types=("receipt",))).typed_right == 0


def test_f1_is_the_harmonic_mean() -> None:
    counts = Counts(tp=6, fp=2, fn=4)
    assert (counts.precision, counts.recall) == (0.75, 0.6)
    assert abs(counts.f1 - 2 * 0.75 * 0.6 / 1.35) < 1e-9
