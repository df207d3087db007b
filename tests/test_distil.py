"""Source tasks, their teachers, and the student that learns from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from small import SMALL, made
from tiny import tiny_backbone

from models.backbone import Backbone
from models.distil import Distilled
from models.examples import Example
from models.network import Network
from models.sampling import Sampler
from models.sources import gathered, origin, source_tasks
from models.stages import steps, tuned
from models.tasks import OUTSIDE, TASKS
from models.train import adapt, teach, train

CONFIG = replace(SMALL, steps=8, teacher_steps=40, shift=0.0, scale=0.0)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def two_sets(backbone: Backbone) -> list[Example]:
    """Two sets of invoices: one labels number and total, the other one the number alone."""
    both = [made(number, backbone) for number in range(4)]
    column = TASKS["invoice"].names.index("total_gross")
    less = []
    for example in (made(number, backbone) for number in range(4, 8)):
        allowed = tuple(page.copy() for page in example.allowed)
        for page, begins in zip(allowed, example.begins, strict=True):
            total = page[:, column] & (begins >= 0) & ~page[:, 0]
            page[total] = True
            page[:, column] = True
            begins[total] = -1
        less.append(replace(example, source="other", allowed=allowed))
    return both + less


def test_each_set_becomes_a_task_with_the_labels_it_teaches(two_sets: list[Example]) -> None:
    examples, tasks = source_tasks(two_sets)
    assert set(tasks["invoice@test"].names) == {OUTSIDE, "document_number", "total_gross"}
    assert set(tasks["invoice@other"].names) == {OUTSIDE, "document_number"}
    assert "route" in tasks and origin("invoice@other") == "invoice"
    for example in examples:
        assert example.task is not None
        assert all(page.shape[1] == len(example.task.labels) for page in example.allowed)


def test_narrowing_leaves_what_each_word_is_taught(two_sets: list[Example]) -> None:
    examples, _ = source_tasks(two_sets)
    for before, after in zip(two_sets, examples, strict=True):
        assert before.task is not None and after.task is not None
        for name in after.task.names:
            old = before.allowed[0][:, before.task.names.index(name)]
            assert np.array_equal(old, after.allowed[0][:, after.task.names.index(name)])


@pytest.fixture(scope="module")
def taught(backbone: Backbone, two_sets: list[Example]) -> tuple[Network, dict[str, Network]]:
    examples, tasks = source_tasks(two_sets)
    teachers = teach(backbone, examples, CONFIG, tasks=tasks)
    student = train(backbone, examples, CONFIG, weights={}, tasks=tasks, teachers=teachers)
    return student, teachers


def test_a_teacher_knows_one_task_and_its_factors_never_moved(
    taught: tuple[Network, dict[str, Network]],
) -> None:
    _, teachers = taught
    for name, teacher in teachers.items():
        assert teacher.prompt.names == (name,)
        assert (teacher.prompt.u[name] - 1).abs().max() < 0.2


def _distance(network: Network, teachers: dict[str, Network], examples: list[Example]) -> float:
    """Return how far a network is from its teachers on one batch, without the tasks' losses."""
    network.eval()
    draws = next(Sampler(examples, weights={}, config=CONFIG, tasks=network.tasks).batches())
    with torch.no_grad():
        whole = Distilled(network, teachers, CONFIG)(draws)
        alone = Distilled(network, {}, CONFIG)(draws)
    return float(whole - alone)


def test_a_student_comes_closer_to_its_teachers_than_one_without(
    backbone: Backbone, two_sets: list[Example], taught: tuple[Network, dict[str, Network]]
) -> None:
    student, teachers = taught
    examples, tasks = source_tasks(two_sets)
    other = train(backbone, examples, CONFIG, weights={}, tasks=tasks)
    assert _distance(student, teachers, examples) < 0.9 * _distance(other, teachers, examples)


def test_a_network_is_no_distance_from_itself(
    two_sets: list[Example], taught: tuple[Network, dict[str, Network]]
) -> None:
    _, teachers = taught
    name = "invoice@test"
    examples, _ = source_tasks(two_sets)
    assert _distance(teachers[name], {name: teachers[name]}, examples) == pytest.approx(0, abs=1e-6)


def test_a_task_starts_from_the_mean_of_its_sources(
    taught: tuple[Network, dict[str, Network]],
) -> None:
    student, _ = taught
    tasks = {name: TASKS[name] for name in ("invoice", "route", "receipt")}
    whole = gathered(student, tasks)
    mean = (student.prompt.v["invoice@test"] + student.prompt.v["invoice@other"]) / 2
    assert torch.allclose(whole.prompt.v["invoice"], mean)
    assert torch.equal(whole.prompt.u["route"], student.prompt.u["route"])
    assert torch.equal(whole.prompt.shared, student.prompt.shared)
    row, old = (n.head.index["total_gross"] for n in (whole, student))
    assert torch.equal(whole.head.base[row], student.head.base[old])
    lone = whole.tasks["invoice"].names.index("total_gross")
    known = student.tasks["invoice@test"].names.index("total_gross")
    assert torch.equal(whole.head.delta["invoice"][lone], student.head.delta["invoice@test"][known])


@pytest.fixture
def fresh(backbone: Backbone) -> Callable[[], Network]:
    def make() -> Network:
        torch.manual_seed(3)
        tasks = {name: TASKS[name] for name in ("invoice", "route")}
        network = Network(backbone, tasks, prompt_length=4, label_size=16, mixers=1)
        network.start()
        return network.eval()

    return make


def test_a_private_prompt_moves_no_other_tasks_prompt(
    fresh: Callable[[], Network], two_sets: list[Example], tmp_path: Path
) -> None:
    network = fresh()
    before = network.prompt.prompt("route").clone(), network.prompt.shared.clone()
    adapt(network, "invoice", two_sets, replace(CONFIG, steps=3), private=True)
    assert torch.equal(network.prompt.prompt("route"), before[0])
    assert torch.equal(network.prompt.shared, before[1])
    assert not torch.equal(network.prompt.private["invoice"], before[1])


def test_a_bank_keeps_a_private_prompt(
    fresh: Callable[[], Network], two_sets: list[Example], tmp_path: Path
) -> None:
    from models.bank import load, save

    network = fresh()
    adapt(network, "invoice", two_sets, replace(CONFIG, steps=3), private=True)
    config = replace(CONFIG, prompt_length=4, label_size=16, mixers=1).as_dict()
    again = load(save(network, tmp_path, {"config": config}), network.backbone)
    assert torch.equal(
        again.prompt.private["invoice"], network.prompt.private["invoice"].half().float()
    )


def test_all_stages_end_in_the_tasks_themselves(
    backbone: Backbone, two_sets: list[Example]
) -> None:
    config = replace(CONFIG, steps=12, teacher_steps=3, target_steps=4)
    tasks = {name: TASKS[name] for name in ("invoice", "route")}
    told: list[int] = []
    network = tuned(
        backbone, two_sets, config, weights={}, tasks=tasks, progress=lambda s, _: told.append(s)
    )
    assert network.prompt.names == ("invoice", "route")
    # three source tasks' teachers, source training, two targets
    assert (
        told
        == list(range(1, 3 * 3 + 12 + 2 * 4 + 1))
        == list(range(1, steps(two_sets, config, tasks) + 1))
    )
