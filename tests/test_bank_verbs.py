"""``doctally bank``: what the verbs on versions do, on a bank of a tiny backbone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from families import saved
from small import SMALL, made
from typer.testing import CliRunner

from doctally.cli.app import app, run
from doctally.errors import ConfigurationError
from models import bank as banks
from models.averaging import average
from models.backbone import Backbone, load_backbone
from models.bank import Version, continued, descended, save
from models.differing import difference
from models.network import Network
from models.tasks import TASKS
from models.train import adapt


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved("bert", tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def backbone(folder: Path) -> Backbone:
    return load_backbone(str(folder))


@pytest.fixture
def bank(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCTALLY_BACKBONE", str(folder))
    monkeypatch.setenv("DOCTALLY_BANK", str(tmp_path / "bank"))
    monkeypatch.setenv("DOCTALLY_HOME", str(tmp_path / "home"))
    return tmp_path / "bank"


def first(
    backbone: Backbone, bank: Path, *, seed: int = 1, tasks: frozenset[str] = frozenset(TASKS)
) -> Version:
    torch.manual_seed(seed)
    chosen = {name: task for name, task in TASKS.items() if name in tasks}
    network = Network(backbone, chosen, prompt_length=4, label_size=16, mixers=1)
    network.start()
    card = {
        "config": SMALL.as_dict(),
        "created": f"2026-01-0{seed}",
        "steps": 1,
        "calibration": {"total_gross": [1.0, float(seed)]},
        "held_out": {"adbuy": {"header_f1": 0.5 + seed / 10}},
    }  # fmt: skip
    made = save(network, bank, card)
    banks.promote(bank, made.name)
    return made


def adapted(backbone: Backbone, bank: Path, parent: Version) -> Version:
    network = continued(parent, backbone, SMALL)
    adapt(network, "invoice", [made(n, backbone) for n in range(3)], replace(SMALL, steps=3))
    card = {n: v for n, v in parent.card.items() if n != "version"}
    return save(network, bank, descended({**card, "created": "2026-02-01"}, parent))


def test_the_difference_of_an_adaptation_is_that_task_and_no_other_bit(
    backbone: Backbone, bank: Path
) -> None:
    old = first(backbone, bank)
    new = adapted(backbone, bank, old)
    found = difference(old, new)
    assert {part.name for part in found.parts if part.changed} == {"task invoice"}
    assert not found.added and not found.removed and not found.same
    assert difference(old, old).same
    told = CliRunner().invoke(app, ["bank", "diff", old.name, new.name, "--json"])
    assert told.exit_code == 0
    said = json.loads(told.stdout)
    assert (said["first"], said["second"]) == (old.name, new.name)
    shown = CliRunner().invoke(app, ["bank", "diff", old.name]).stdout
    assert "the same bits" in shown


def test_a_difference_tells_settings_scores_and_tasks(backbone: Backbone, bank: Path) -> None:
    few = first(backbone, bank, tasks=frozenset({"route", "receipt"}))
    many = first(backbone, bank, seed=2)
    found = difference(few, many)
    assert set(found.added) == set(TASKS) - {"route", "receipt"}
    assert found.scores == {"adbuy.header_f1": (0.6, 0.7)}
    assert difference(many, few).removed == found.added


def test_the_average_of_two_versions_is_halfway_and_says_so_on_its_card(
    backbone: Backbone, bank: Path
) -> None:
    one, other = first(backbone, bank), first(backbone, bank, seed=2)
    told = CliRunner().invoke(app, ["bank", "average", one.name, other.name])
    assert told.exit_code == 0
    made = banks.version(bank, told.stdout.split()[0])
    mine, theirs, both = (banks.tensors(v)["head.base"] for v in (one, other, made))
    assert torch.allclose(both, (mine + theirs) / 2, atol=2e-3)
    assert made.card["averaged_with"] == {other.name: 0.5}
    assert made.card["parent"] == one.name
    assert "calibration" not in made.card and "held_out" not in made.card
    assert banks.active(bank).name == other.name
    quarter = average(bank, one, other, backbone, share=0.75)
    assert quarter.card["averaged_with"] == {other.name: 0.25}
    assert banks.load(made, backbone).tasks.keys() == TASKS.keys()


def test_versions_that_cannot_be_averaged_are_refused(backbone: Backbone, bank: Path) -> None:
    few = first(backbone, bank, tasks=frozenset({"route", "receipt"}))
    many = first(backbone, bank, seed=2)
    with pytest.raises(ConfigurationError, match="other tasks or sizes"):
        average(bank, few, many, backbone)
    with pytest.raises(ConfigurationError, match="share"):
        average(bank, many, many, backbone, share=1.5)


def test_a_task_is_added_and_adapted_by_a_verb_each(
    backbone: Backbone, bank: Path, tmp_path: Path
) -> None:
    old = first(backbone, bank, tasks=frozenset({"route", "receipt"}))
    taught = tmp_path / "events"
    taught.mkdir()
    (taught / "events.jsonl").write_text(
        "\n".join(
            json.dumps({"text": text, "status": status, "carrier": "usps"})
            for text, status in (
                ("delivered to the door", "delivered"),
                ("in transit to the depot", "in_transit"),
            )
        ),
        encoding="utf-8",
    )
    assert run(["bank", "adapt", "status", str(taught)]) == 1
    assert run(["bank", "add", "status", str(taught), "--steps", "2"]) == 0
    added = banks.active(bank)
    assert set(added.card["tasks"]) == {"route", "receipt", "status"}
    assert difference(old, added).added == ("status",)
    assert run(["bank", "add", "status", str(taught)]) == 1
    assert run(["bank", "adapt", "status", str(taught), "--steps", "2"]) == 0
    now = difference(added, banks.active(bank))
    assert {part.name for part in now.parts if part.changed} == {"task status"}
    assert run(["bank", "rollback"]) == 0
    assert banks.active(bank).name == added.name
