"""Confirmed documents become examples: each value in its place, what is nowhere left open."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny import page_of, tiny_backbone

from doctally.pages import Box, Page, Reading
from doctally.results import FieldValue
from models.backbone import Backbone
from models.lessons import CORRECTED, Lesson, taught
from models.losses import allowed_loss
from models.placing import Where

PAGE = page_of(
    "Muster Handels GmbH   invoice",
    "number:  4711     date:  2024-03-05",
    "paid 10.00",
    "2  bolts   5.00   10.00",
    "1  nuts    5.00   5.00",
    "total   15.00",
)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


def words(page: Page, text: str) -> list[int]:
    return [i for i, word in enumerate(page.words) if word.text == text]


def told(value: str, where: int | None = None) -> FieldValue:
    box: Box | None = None if where is None else PAGE.words[where].box
    return FieldValue(value, 1.0, None if where is None else 1, box, "human", value)


def lesson(**changes: object) -> Lesson:
    plain: dict[str, object] = {
        "document_id": 1,
        "reading": Reading("application/pdf", (PAGE,)),
        "document_type": "invoice",
        "fields": {},
    }
    return Lesson(**{**plain, **changes})  # type: ignore[arg-type]


def allowed(made: Lesson, backbone: Backbone, word: int) -> set[str]:
    example = taught(made, backbone.tokenizer).example
    assert example.task is not None
    mask = example.allowed[0][word]
    return {name for name, may in zip(example.task.names, mask, strict=True) if may}


def test_a_value_is_taught_where_it_is_spelt_and_nowhere_else(backbone: Backbone) -> None:
    made = lesson(fields={"document_number": told("4711")})
    (number,) = words(PAGE, "4711")
    assert allowed(made, backbone, number) == {"document_number"}
    assert allowed(made, backbone, number + 1) == {"outside"}


def test_its_box_says_which_of_equal_values_is_meant(backbone: Backbone) -> None:
    paid, amount = words(PAGE, "10.00")
    made = lesson(fields={"amount_paid": told("10.00", paid)})
    assert allowed(made, backbone, paid) == {"amount_paid"}
    assert allowed(made, backbone, amount) == {"outside"}
    unclear = lesson(fields={"amount_paid": told("10.00")})
    assert allowed(unclear, backbone, paid) == {"outside", "amount_paid"}
    assert taught(unclear, backbone.tokenizer).example.places


def test_a_number_that_is_printed_twice_is_no_mistake_in_the_other_place(
    backbone: Backbone,
) -> None:
    twice = page_of("invoice  4711", "total  10.00", "please quote  4711")
    first, second = words(twice, "4711")
    value = FieldValue("4711", 1.0, 1, twice.words[first].box, "human", "4711")
    reading = Reading("application/pdf", (twice,))
    made = lesson(reading=reading, fields={"document_number": value})
    assert allowed(made, backbone, first) == {"document_number"}
    assert allowed(made, backbone, second) == {"outside", "document_number"}


def test_a_misread_value_is_found_by_its_box_or_by_being_nearly_alike(backbone: Backbone) -> None:
    misread = page_of("lnvoice n0: 47l1", "Mustcr Handels GrnbH")
    reading = Reading("image/png", (misread,))
    (number,) = words(misread, "47l1")
    fields = {
        "document_number": FieldValue("4711", 1.0, 1, misread.words[number].box, "human", ""),
        "supplier_name": FieldValue("Muster Handels GmbH", 1.0, source="human"),
    }
    found = taught(lesson(reading=reading, fields=fields), backbone.tokenizer)
    assert found.places[("document_number", None)].where is Where.BOX
    assert found.places[("supplier_name", None)].where is Where.FUZZY
    (span,) = found.places[("supplier_name", None)].spans
    assert [misread.words[i].text for i in span[1]] == ["Mustcr", "Handels", "GrnbH"]


def test_a_box_around_other_words_is_not_believed(backbone: Backbone) -> None:
    (date,) = words(PAGE, "2024-03-05")
    found = taught(lesson(fields={"order_number": told("XK-99", date)}), backbone.tokenizer)
    assert found.places[("order_number", None)].where is Where.NOWHERE


def test_what_is_on_no_page_or_in_doubt_teaches_nothing_of_its_field(backbone: Backbone) -> None:
    nowhere = lesson(fields={"supplier_iban": told("DE02120300000000202051")})
    assert allowed(nowhere, backbone, 0) == {"outside", "supplier_iban"}
    assert taught(nowhere, backbone.tokenizer).counts == {Where.NOWHERE: 1}
    doubtful = lesson(
        fields={"document_number": told("4711")}, doubtful=frozenset({("document_number", None)})
    )
    (number,) = words(PAGE, "4711")
    assert allowed(doubtful, backbone, number) == {"outside", "document_number"}


def test_a_removed_value_is_taught_to_be_none(backbone: Backbone) -> None:
    made = lesson(fields={}, corrected=frozenset({("document_number", None)}))
    (number,) = words(PAGE, "4711")
    assert allowed(made, backbone, number) == {"outside"}


def test_cells_stand_in_their_row(backbone: Backbone) -> None:
    bolts, nuts = words(PAGE, "bolts")[0], words(PAGE, "nuts")[0]
    rows = (
        {"description": told("bolts", bolts), "unit_price": told("5.00")},
        {"description": told("nuts", nuts), "amount_net": told("15.00")},
    )
    found = taught(lesson(line_items=rows), backbone.tokenizer)
    ((_, (price,)),) = found.places[("unit_price", 1)].spans
    assert price == words(PAGE, "5.00")[0]
    example = found.example
    assert example.task is not None
    column = example.task.names.index("item.description")
    assert [i for i in range(len(PAGE.words)) if example.allowed[0][i, column]] == [bolts, nuts]


def test_a_corrected_value_weighs_more_than_a_confirmed_one(backbone: Backbone) -> None:
    fields = {"document_number": told("4711"), "issue_date": told("2024-03-05")}
    made = lesson(fields=fields, corrected=frozenset({("issue_date", None)}))
    weights = taught(made, backbone.tokenizer).example.weight(0, 0, len(PAGE.words))
    (number,), (date,) = words(PAGE, "4711"), words(PAGE, "2024-03-05")
    assert (weights[number], weights[date]) == (1.0, np.float32(CORRECTED))
    logits = torch.tensor([[0.0, 2.0], [0.0, 2.0]])
    wrong = torch.tensor([[True, False], [False, True]])
    light, heavy = (
        allowed_loss(logits, wrong, torch.tensor([w, 1.0])) for w in (1.0, float(CORRECTED))
    )
    assert heavy > light


def test_a_type_without_a_task_teaches_the_type_alone(backbone: Backbone) -> None:
    example = taught(lesson(document_type="other"), backbone.tokenizer).example
    assert (example.task, example.answers("route")) == (None, ("other",))
