"""A supplier's own numbers: learnt from few papers, used for its papers, kept with the bank."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from tiny import page_of, tiny_backbone

from doctally.errors import ConfigurationError
from doctally.pages import Reading
from doctally.results import Extraction, FieldValue
from models import bank as banks
from models.backbone import Backbone
from models.config import Config
from models.engine import Engine
from models.lessons import Lesson, Taught, taught
from models.marks import known_by
from models.network import Batch, Network
from models.owned import TOLD, Supplier, Suppliers, load_suppliers
from models.recall import Recall
from models.tasks import TASKS
from models.tutor import notes, tutored

SMALL = Config(prompt_length=4, label_size=16, mixers=1)
NUMBER = "DE123456789"


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def network(backbone: Backbone) -> Network:
    torch.manual_seed(3)
    made = Network(backbone, TASKS, prompt_length=4, label_size=16, mixers=1)
    made.start()
    return made.requires_grad_(False).eval()


def paper(number: int) -> Reading:
    lines = ("invoice", f"our ref:  {4000 + number}", f"sum  {10 + number}.00", f"vat {NUMBER}")
    return Reading("application/pdf", (page_of(*lines),))


def stranger(number: int) -> Reading:
    lines = (f"receipt {number}", "total   9.00", "date  2024-01-02", "thank you for all of this")
    return Reading("application/pdf", (page_of(*lines[: 2 + number % 3]),))


def lesson(number: int) -> Lesson:
    fields = {
        "document_number": FieldValue(str(4000 + number), 1.0, source="human"),
        "total_gross": FieldValue(f"{10 + number}.00", 1.0, source="human"),
    }
    return Lesson(number, paper(number), "invoice", fields)


def learnt(network: Network, numbers: range) -> Suppliers:
    tokenizer = network.backbone.tokenizer
    told: list[Taught] = [taught(lesson(n), tokenizer) for n in numbers]
    papers = [notes(network, SMALL, one) for one in told]
    own = tutored(network, SMALL, papers, rate=5e-2, steps=300)
    marks = known_by([NUMBER], [], [one.lesson.reading for one in told])
    return Suppliers({"muster": Supplier("Muster", marks, own, tuple(numbers))})


@pytest.fixture(scope="module")
def suppliers(network: Network) -> Suppliers:
    return learnt(network, range(4))


def engine(network: Network, suppliers: Suppliers | None = None) -> Engine:
    return Engine(network, SMALL, "v", suppliers=suppliers)


def test_a_supplier_is_read_better_after_few_papers(network: Network, suppliers: Suppliers) -> None:
    unseen = [paper(n) for n in range(10, 14)]
    (before, after) = (engine(network, s).extract(unseen) for s in (None, suppliers))

    def right(found: list[Extraction]) -> int:
        return sum(
            e.document_type == "invoice"
            and (v := e.fields.get("document_number")) is not None
            and v.value == str(4000 + n)
            for n, e in zip(range(10, 14), found, strict=True)
        )

    assert right(before) == 0  # the backbone is random
    assert right(after) >= 2


def test_every_other_paper_is_read_the_same_to_the_last_bit(
    network: Network, suppliers: Suppliers
) -> None:
    readings = [stranger(0), paper(20), stranger(1), stranger(2), paper(21), stranger(3)]
    before = engine(network).extract(readings)
    after = engine(network, suppliers).extract(readings)
    for at in (0, 2, 3, 5):
        assert after[at] == before[at]
    assert after[1] != before[1]


def test_no_number_of_the_network_moves(backbone: Backbone, network: Network) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    learnt(network, range(2))
    assert all(torch.equal(value, before[n]) for n, value in network.state_dict().items())


def test_a_bank_keeps_its_suppliers(
    backbone: Backbone, network: Network, suppliers: Suppliers, tmp_path: Path
) -> None:
    card = {"config": SMALL.as_dict()}
    plain = banks.save(network, tmp_path, card)
    version = banks.save(network, tmp_path, card, suppliers)
    assert version.name != plain.name
    kept = load_suppliers(version.folder, network.shapes)
    assert kept.known["muster"].papers == (0, 1, 2, 3)
    loaded = banks.load(version, backbone)
    again = Engine(loaded, SMALL, "v", suppliers=kept).extract([paper(30)])
    assert again == engine(loaded, suppliers.as_stored()).extract([paper(30)])
    assert len(load_suppliers(plain.folder, network.shapes)) == 0


def test_suppliers_of_other_labels_or_a_broken_file_are_refused(
    network: Network, suppliers: Suppliers, tmp_path: Path
) -> None:
    version = banks.save(network, tmp_path, {"config": SMALL.as_dict()}, suppliers)
    other = {**network.shapes, "invoice": (3, 16)}
    with pytest.raises(ConfigurationError, match="other labels"):
        load_suppliers(version.folder, other)
    told = json.loads((version.folder / TOLD).read_text())
    told["muster"]["marks"]["spots"] = [["word"]]
    (version.folder / TOLD).write_text(json.dumps(told))
    with pytest.raises(ConfigurationError, match=version.name):
        load_suppliers(version.folder, network.shapes)


def test_papers_that_teach_nothing_give_no_numbers(network: Network) -> None:
    empty = Lesson(1, Reading("application/pdf"), "other", {})
    told = taught(empty, network.backbone.tokenizer)
    assert tutored(network, SMALL, [notes(network, SMALL, told)]) == {}


def test_what_is_remembered_of_a_window_is_what_the_network_says_whatever_stands_beside_it(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    plain = network.states

    def counted(batch: Batch, prefixes: torch.Tensor, ids: torch.Tensor) -> object:
        asked.append(len(batch.counts))
        return plain(batch, prefixes, ids)

    readings = [paper(1), stranger(2), stranger(1)]
    expected = engine(network).extract(readings)
    monkeypatch.setattr(network, "states", counted)
    recall = Recall(network)
    reader = Engine(network, SMALL, "v1", states=recall.states)
    one_by_one = [reader.extract([reading])[0] for reading in readings]
    first = sum(asked)
    together = reader.extract(readings)
    assert sum(asked) == first  # nothing is computed twice
    for found in (one_by_one, together):
        assert [one.document_type for one in found] == [one.document_type for one in expected]
        for one, other in zip(found, expected, strict=True):
            values = {name: v.value for name, v in one.fields.items()}
            assert values == {name: v.value for name, v in other.fields.items()}
            assert one.route_confidence == pytest.approx(other.route_confidence, abs=1e-4)
    told = taught(lesson(1), network.backbone.tokenizer)
    again = notes(network, SMALL, told, states=recall.states)
    for mine, theirs in zip(again.states, notes(network, SMALL, told).states, strict=True):
        assert not mine.is_inference()
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=1e-4)
    recall.clear()
    before = sum(asked)
    reader.extract(readings[:1])
    assert sum(asked) > before
