"""docs/add-a-task.md, followed step by step for a quotation: a declaration and data, no code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from tiny import page_of, tiny_backbone

from doctally.errors import ConfigurationError
from doctally.pages import Reading
from doctally.schemas import Kind
from models import bank as banks
from models import tasks
from models.backbone import Backbone
from models.config import Config
from models.documents import truths
from models.engine import Engine
from models.examples import Example, example
from models.network import Network
from models.tasks import OUTSIDE, TASKS, Label, Task
from models.train import adapt

GUIDE = Path(__file__).parent.parent / "docs" / "add-a-task.md"
SMALL = Config(
    prompt_length=4,
    label_size=16,
    mixers=1,
    steps=150,
    pieces_per_batch=600,
    head_rate=2e-2,
    factor_rate=2e-2,
    average=0.8,
)


def declared() -> Task:
    """Return the declaration that the guide prints, as a developer would paste it."""
    code = re.search(r"```python\n(Task\(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    names = {"Task": Task, "Label": Label, "Kind": Kind, "OUTSIDE": OUTSIDE}
    made = eval(code.group(1), names)
    assert isinstance(made, Task)
    return made


@pytest.fixture
def backbone(tmp_path: Path) -> Backbone:
    return tiny_backbone(tmp_path)


@pytest.fixture
def first(backbone: Backbone, tmp_path: Path) -> banks.Version:
    """Return a bank as it was before anybody thought of quotations."""
    torch.manual_seed(3)
    known = {n: TASKS[n] for n in ("route", "receipt", "status")}
    network = Network(backbone, known, prompt_length=4, label_size=16, mixers=1)
    network.start()
    card = {"config": SMALL.as_dict(), "created": "2024-05-01", "steps": 0}
    return banks.save(network, tmp_path / "bank", card)


def page(number: int) -> Reading:
    lines = (f"order: {4000 + number}", f"date: 2024-03-{number + 10}", f"total: {number + 20}.00")
    return Reading("application/pdf", (page_of(*lines),))


def labelled(folder: Path, count: int, backbone: Backbone) -> list[Example]:
    """Return the examples of a labelled folder of the contract's lines."""
    rows = [
        {
            "file": f"{n}.pdf",
            "document_type": "quotation",
            "fields": {"document_number": str(4000 + n), "valid_until": f"2024-03-{n + 10}"},
        }
        for n in range(count)
    ]
    path = folder / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return [example(truth, page(n), backbone.tokenizer) for n, truth in enumerate(truths(path))]


def test_a_quotation_is_added_by_the_guides_steps_and_nothing_else_changes(
    backbone: Backbone, first: banks.Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = banks.load(first, backbone)
    old = Engine(before, SMALL, "old")
    asked = [page(40), page(50)]
    with pytest.raises(ConfigurationError, match="quotation"):
        old.read_as("quotation", asked)
    answers = [old.answers("route", asked), old.answers("status", asked)]
    receipts = old.read_as("receipt", asked)

    # step 1: the declaration; step 2: labelled documents; step 3: train that task alone
    monkeypatch.setattr(tasks, "TASKS", {**TASKS, "quotation": declared()})
    monkeypatch.setattr(banks, "TASKS", tasks.TASKS)
    examples = labelled(tmp_path, 12, backbone)
    assert all(one.found == one.wanted == 2 for one in examples)
    network = banks.continued(first, backbone, SMALL, also=["quotation"])
    adapt(network, "quotation", examples, SMALL)
    second = banks.save(network, tmp_path / "bank", {**first.card, "tasks": {
        name: list(task.names) for name, task in network.tasks.items()
    }})  # fmt: skip
    new = Engine(banks.load(second, backbone), SMALL, "new")

    # step 4: it reads, on pages that training never saw
    right = wanted = 0
    for n in range(14, 19):
        (found,) = new.read_as("quotation", [page(n)])
        for name, value in (
            ("document_number", str(4000 + n)),
            ("valid_until", f"2024-03-{n + 10}"),
        ):
            wanted += 1
            right += name in found and found[name].value == value
    assert right >= 0.8 * wanted

    # and every other task answers as before, to the last bit
    assert [new.answers("route", asked), new.answers("status", asked)] == answers
    assert new.read_as("receipt", asked) == receipts
