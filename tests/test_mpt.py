"""The comparison of methods: what each trains, what it stores, how values are judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from small import made
from tiny import tiny_backbone

from benchmarks.mpt import methods
from benchmarks.mpt.data import Source, owned
from benchmarks.mpt.kept import Kept
from benchmarks.mpt.methods import METHODS, Fitted, config_of, equal_shares, fit
from benchmarks.mpt.report import interval, report
from benchmarks.mpt.scoring import f1
from models.backbone import weights_sha256
from models.sampling import Sampler
from models.sources import source_tasks

CONFIG = config_of(40, window=64, pieces=256, seed=0)


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Source]:
    """Two source tasks of a tiny backbone, judged on what they are trained on."""

    def load(name: str = "packaged") -> object:
        return tiny_backbone(tmp_path)

    known = load()

    def same(name: str = "packaged") -> object:
        return known

    same.__wrapped__ = load  # type: ignore[attr-defined]  # as functools.cache has it
    monkeypatch.setattr(methods, "load_backbone", same)
    invoices = [made(number, known) for number in range(6)]  # type: ignore[arg-type]
    found, tasks = source_tasks(invoices)
    return [
        Source(task, mine, mine)
        for task in tasks.values()
        for mine in [tuple(owned(e, task) for e in found)]
    ]


def _fit(name: str, sources: list[Source]) -> Fitted:
    deep = fit(METHODS["deep"], sources, replace(CONFIG, steps=2))
    return fit(METHODS[name], sources, replace(CONFIG, steps=5), teachers=deep.networks)


@pytest.mark.parametrize("name", ["mpt", "full", "lora", "peft-repaired"])
def test_a_method_learns_what_it_is_shown(name: str, sources: list[Source]) -> None:
    tagged = next(source for source in sources if source.task.head == "tag")
    fast = replace(CONFIG, head_rate=2e-2, prompt_rate=2e-2)
    fitted = fit(METHODS[name], sources, replace(fast, steps=40), teachers=None)
    assert f1(fitted.networks[tagged.name], tagged, CONFIG) > 0.6


def test_only_fine_tuning_moves_the_backbone(sources: list[Source]) -> None:
    weights = weights_sha256(methods.load_backbone().model)
    for name in ("mpt", "heads", "input", "peft"):
        _fit(name, sources)
        assert weights_sha256(methods.load_backbone().model) == weights
    full = _fit("full", sources)
    assert all(weights_sha256(n.backbone.model) != weights for n in full.networks.values())


def test_mpt_stores_the_least_per_task_of_all_that_train_below_the_heads(
    sources: list[Source],
) -> None:
    stored = {name: _fit(name, sources).task_numbers for name in ("mpt", "deep", "lora", "full")}
    assert stored["mpt"] < stored["deep"] < stored["full"]
    backbone = methods.load_backbone()
    layers, width = backbone.layers, backbone.width
    assert stored["mpt"] == layers * 20 + layers * 2 * width


def test_every_prefix_of_the_comparison_is_of_its_own_method(sources: list[Source]) -> None:
    joint = _fit("mpt-undistilled", sources)
    assert len({id(network) for network in joint.networks.values()}) == 1
    alone = _fit("deep", sources)
    assert len({id(network) for network in alone.networks.values()}) == len(sources)
    for name, network in alone.networks.items():
        assert torch.allclose(network.prompt.u[name], torch.ones(()), atol=0.2)


def test_every_task_of_a_joint_method_is_drawn_as_often(sources: list[Source]) -> None:
    first, second = sources
    examples = [*first.train, *second.train[:1]]
    config = replace(CONFIG, pieces_per_batch=4000)
    tasks = {source.name: source.task for source in sources}
    shares = equal_shares(examples, config)
    batches = Sampler(examples, weights=shares, config=config, tasks=tasks).batches()
    drawn = Counter(draw.task for _ in range(12) for draw in next(batches))
    assert 0.8 < drawn[first.name] / drawn[second.name] < 1.25


def test_results_outlive_a_run_and_are_not_made_twice(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.add({"method": "mpt", "seed": 1, "mean": 0.5})
    again = Kept(tmp_path)
    assert again.has({"method": "mpt", "seed": 1})
    assert not again.has({"method": "mpt", "seed": 2})


def test_an_interval_is_students(tmp_path: Path) -> None:
    assert interval([0.5]) == 0
    assert interval([0.4, 0.5, 0.6]) == pytest.approx(0.2484, abs=1e-4)


def test_a_report_has_a_row_per_method_and_plots(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = Kept(tmp_path)
    for method in ("mpt", "full"):
        for seed in (0, 1):
            row = {"method": method, "seed": seed, "steps": 5, "pieces": 9, "mean": 0.5 + seed / 10}
            row |= {"scores": {"route": 0.5}, "seconds": 1.0}
            kept.add(row | {"task_numbers": 4728, "shared_numbers": 0})
            kept.add({"few": "receipt", "k": 8, "method": method, "seed": seed, "f1": 0.3,
                      "seconds": 1.0})  # fmt: skip
    report(kept, tmp_path / "plots")
    said = capsys.readouterr().out
    assert "| MPT (ours) | 2 | **0.550 ± 0.635** |" in said
    assert {p.name for p in (tmp_path / "plots").iterdir()} == {"mpt_methods_5.png", "mpt_few.png"}
