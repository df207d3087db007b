"""Adapting one task: its own numbers move, every other task's answers stay bit for bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from small import made
from tiny import tiny_backbone

from doctally.errors import ConfigurationError
from models import bank as banks
from models.backbone import Backbone
from models.bank import continued, save
from models.config import Config
from models.engine import Engine
from models.events import Event, as_example, as_reading, events, split_carriers
from models.network import Network, collate
from models.tasks import TASKS
from models.train import adapt
from models.windows import cut

SMALL = Config(
    prompt_length=4,
    label_size=16,
    mixers=1,
    steps=150,
    pieces_per_batch=400,
    head_rate=3e-2,
    factor_rate=1e-2,
    average=0.8,
)
SAID = (
    Event("delivered to the door", "a", "delivered"),
    Event("delivered to a neighbour", "a", "delivered"),
    Event("in transit to the depot", "b", "in_transit"),
    Event("in transit by air", "b", "in_transit"),
)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


def fresh(backbone: Backbone, tasks: dict[str, object] | None = None) -> Network:
    torch.manual_seed(3)
    chosen = {n: t for n, t in TASKS.items() if tasks is None or n in tasks}
    network = Network(backbone, chosen, prompt_length=4, label_size=16, mixers=1)
    network.start()
    return network.eval()


def test_an_adapted_task_learns_and_no_other_number_moves(backbone: Backbone) -> None:
    network = fresh(backbone)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    examples = [as_example(event, backbone.tokenizer) for event in SAID]
    losses: list[float] = []
    adapt(network, "status", examples, SMALL, progress=lambda _step, loss: losses.append(loss))
    moved = {n for n, value in network.state_dict().items() if not torch.equal(value, before[n])}
    assert moved == {
        f"{part}.status"
        for part in ("prompt.u", "prompt.v", "head.delta", "head.bias", "head.focus")
    }
    assert losses[-1] < 0.5 * losses[0]
    answers = Engine(network, SMALL, "test").answers("status", [as_reading(e.text) for e in SAID])
    assert [answer for answer, _ in answers] == [event.status for event in SAID]


def answers(network: Network) -> dict[str, list[float]]:
    """Return the numbers that every task answers by on a page, all read in one batch."""
    encoded = as_example(
        Event("invoice number 4711 total 10.00", "a", None), network.backbone.tokenizer
    )
    window = next(cut(encoded.encoded, document=0, size=100, overlap=10))
    batch = collate([(encoded.encoded[0], window)] * len(network.tasks), pad=0)
    said = {}
    with torch.inference_mode():
        every = torch.arange(len(network.tasks))
        states, present = network.states(batch, network.prompt.prefixes(), every)
        for row, (name, task) in enumerate(network.tasks.items()):
            if task.head == "classify":
                logits = network.classify(states[row : row + 1], present[row : row + 1], name)
            else:
                logits = network.tag(states[row], name)[0]
            said[name] = logits.flatten().tolist()
    return said


@pytest.mark.parametrize("task", ["status", "invoice"])
def test_other_tasks_answer_the_same_to_the_last_bit_after_an_adaptation(
    backbone: Backbone, task: str
) -> None:
    network = fresh(backbone)
    before = answers(network)
    assert set(before) == set(TASKS)
    lessons = {
        "status": [as_example(event, backbone.tokenizer) for event in SAID],
        "invoice": [made(n, backbone) for n in range(8)],
    }
    adapt(network, task, lessons[task], replace(SMALL, steps=5))
    after = answers(network)
    assert {name for name in after if after[name] != before[name]} == {task}


def test_a_bank_without_a_task_goes_on_with_it_and_keeps_what_it_knew(
    backbone: Backbone, tmp_path: Path
) -> None:
    old = fresh(backbone, {"route": 1, "receipt": 1})
    version = save(old, tmp_path, {"config": SMALL.as_dict()})
    network = continued(version, backbone, SMALL, also=["status"])
    assert set(network.tasks) == {"route", "receipt", "status"}
    row = network.head.index["delivered"]
    assert torch.isfinite(network.head.base[row]).all()
    for task in ("route", "receipt"):
        was = old.head.vectors(task).half().float()
        assert torch.allclose(network.head.vectors(task), was, atol=1e-3)


def test_a_version_of_other_sizes_is_not_continued(backbone: Backbone, tmp_path: Path) -> None:
    version = save(fresh(backbone), tmp_path, {"config": SMALL.as_dict()})
    with pytest.raises(ConfigurationError, match=version.name):
        continued(version, backbone, replace(SMALL, label_size=32))


def test_events_are_split_by_carrier_never_by_line() -> None:
    train, held_out = split_carriers(
        [Event("x", "dpd", "delivered"), Event("y", "usps", "pending")]
    )
    assert [e.carrier for e in train] == ["usps"]
    assert [e.carrier for e in held_out] == ["dpd"]


def test_an_event_with_an_unknown_status_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"text": "a", "status": "delivered"}\n{"text": "b", "status": "eaten"}\n')
    with pytest.raises(ConfigurationError, match="line 2"):
        events(path)


def test_a_bank_is_written_with_the_status_task(backbone: Backbone, tmp_path: Path) -> None:
    version = save(fresh(backbone), tmp_path, {"config": SMALL.as_dict()})
    assert banks.load(version, backbone).tasks["status"].head == "classify"


def test_documents_that_teach_nothing_of_a_task_are_refused(backbone: Backbone) -> None:
    silent = as_example(Event("delivered", "a", None), backbone.tokenizer)
    with pytest.raises(ConfigurationError, match="status"):
        adapt(fresh(backbone), "status", [silent], SMALL)
