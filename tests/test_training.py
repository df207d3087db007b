from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from small import SMALL, made, truth
from tiny import page_of, tiny_backbone

from doctally.errors import ConfigurationError
from doctally.pages import Reading
from models import documents
from models.backbone import Backbone, weights_sha256
from models.documents import held_out, split, truths
from models.examples import example
from models.tasks import OUTSIDE, TASKS, task_for
from models.train import train


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


def test_training_lowers_the_loss_and_leaves_the_backbone_alone(backbone: Backbone) -> None:
    before = weights_sha256(backbone.model)
    losses: list[float] = []
    examples = [made(n, backbone) for n in range(8)]
    train(backbone, examples, SMALL, weights={}, progress=lambda _step, loss: losses.append(loss))
    assert len(losses) == SMALL.steps
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:5])
    assert weights_sha256(backbone.model) == before


def test_the_same_seed_gives_the_same_numbers(backbone: Backbone) -> None:
    short = replace(SMALL, steps=4)
    examples = [made(n, backbone) for n in range(4)]
    one, two = (train(backbone, examples, short, weights={}).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_value_that_is_printed_once_allows_only_its_own_label(backbone: Backbone) -> None:
    one = made(7, backbone)
    invoice = TASKS["invoice"]
    number = [w.text for w in one.encoded[0].page.words].index("4007")
    assert one.task is invoice
    allowed = {invoice.names[i] for i in np.flatnonzero(one.allowed[0][number])}
    assert allowed == {"document_number"}
    assert one.begins[0][number] == 1


def test_names_that_a_source_does_not_label_stay_allowed_everywhere(backbone: Backbone) -> None:
    one = made(7, backbone)
    invoice = TASKS["invoice"]
    caption = {invoice.names[i] for i in np.flatnonzero(one.allowed[0][0])}
    assert OUTSIDE in caption and "supplier_name" in caption
    assert "document_number" not in caption


def test_a_value_printed_twice_leaves_the_choice_to_training(backbone: Backbone) -> None:
    page = page_of("cash 25.00", "total 25.00")
    names = frozenset({"total_gross"})
    known = truth("receipt", fields={"total_gross": "25.00"}, labelled=names, visible=names)
    one = example(known, Reading("application/pdf", (page,)), backbone.tokenizer)
    receipt = TASKS["receipt"]
    for word in (1, 3):
        allowed = {receipt.names[i] for i in np.flatnonzero(one.allowed[0][word])}
        assert {OUTSIDE, "total_gross"} <= allowed
    assert one.places is not None and len(one.places["total_gross"]) == 2


def test_drawn_boxes_label_the_words_whose_centres_they_hold(backbone: Backbone) -> None:
    page = page_of("invoice 77", "by Jane Doe")
    jane, doe = page.words[3].box, page.words[4].box
    known = truth(
        boxes={"supplier_name": [[[1, jane.x0, jane.y0, doe.x1, doe.y1]]]},
        fields={"supplier_name": "Jane Doe"},
    )
    one = example(known, Reading("application/pdf", (page,)), backbone.tokenizer)
    name = TASKS["invoice"].names.index("supplier_name")
    assert np.flatnonzero(one.allowed[0][:, name]).tolist() == [3, 4]
    assert one.begins[0].tolist() == [-1, -1, -1, 1, 0]


def test_held_out_documents_are_fixed_by_id_and_never_trained_on(shared_data: Path) -> None:
    for name, labels in (
        ("adbuy", "labels.jsonl"),
        ("einvoice", "labels.jsonl"),
        ("receipts", "labels_ocr.jsonl"),
    ):
        train_part, test_part = split(truths(shared_data / name / labels))
        assert {t.path.stem for t in test_part} == held_out(name)
        assert not {t.path.stem for t in train_part} & held_out(name)
        assert 0.2 < len(test_part) / (len(train_part) + len(test_part)) < 0.35


def test_no_shop_or_seller_stands_on_both_sides(shared_data: Path) -> None:
    for name, labels in (("einvoice", "labels.jsonl"), ("receipts", "labels_ocr.jsonl")):
        sides = split(truths(shared_data / name / labels))
        names = [
            {"".join(filter(str.isalpha, t.fields.get("supplier_name", "").lower())) for t in side}
            for side in sides
        ]
        assert not (names[0] & names[1]) - {""}


def test_a_labels_file_with_a_broken_line_says_which(tmp_path: Path) -> None:
    broken = tmp_path / "labels.jsonl"
    broken.write_text('{"file": "a.pdf", "document_type": null, "fields": {}}\n{"file":\n')
    with pytest.raises(ConfigurationError, match="line 2"):
        documents.truths(broken)


def test_credit_notes_are_read_by_the_invoice_task() -> None:
    assert task_for("credit_note") is TASKS["invoice"] is task_for("invoice")
    assert task_for("other") is None
