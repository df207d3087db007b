"""Where an installation's learnt versions lie, and the way back from one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny import tiny_backbone
from typer.testing import CliRunner

from doctally.cli.app import app
from doctally.errors import ConfigurationError
from doctally.settings import Settings
from models import bank as banks
from models.backbone import Backbone
from models.config import Config
from models.lineage import bank_of, learning_bank, refused, roll_back
from models.network import Network
from models.tasks import TASKS

SMALL = Config(prompt_length=4, label_size=16, mixers=1)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


def learnt(backbone: Backbone, bank: Path, seed: int, parent: banks.Version | None) -> str:
    torch.manual_seed(seed)
    network = Network(backbone, TASKS, prompt_length=4, label_size=16, mixers=1)
    network.start()
    card = {"config": SMALL.as_dict(), "created": f"2026-01-0{seed}", "steps": 1}
    made = banks.save(network, bank, banks.descended(card, parent) if parent else card)
    return banks.promote(bank, made.name).name


def test_learning_begins_with_a_copy_and_never_writes_to_the_package(settings: Settings) -> None:
    packaged = banks.packaged_bank()
    before = sorted(p.relative_to(packaged) for p in packaged.rglob("*"))
    assert bank_of(settings) == packaged
    bank = learning_bank(settings)
    assert bank == settings.home / "bank" == bank_of(settings)
    assert banks.active(bank).name == banks.active(packaged).name
    assert learning_bank(settings) == bank
    assert sorted(p.relative_to(packaged) for p in packaged.rglob("*")) == before


def test_a_bank_of_the_settings_is_used_and_written_to(settings: Settings, tmp_path: Path) -> None:
    chosen = settings.model_copy(update={"bank": banks.packaged_bank()})
    assert bank_of(chosen) == banks.packaged_bank()
    with pytest.raises(ConfigurationError, match="no prompt bank"):
        learning_bank(settings.model_copy(update={"bank": tmp_path / "none"}))


def test_going_back_is_one_command_and_is_remembered(
    backbone: Backbone, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = settings.home / "bank"
    first = learnt(backbone, bank, 1, None)
    second = learnt(backbone, bank, 2, banks.active(bank))
    third = learnt(backbone, bank, 3, banks.active(bank))
    monkeypatch.setenv("DOCTALLY_HOME", str(settings.home))
    told = CliRunner().invoke(app, ["bank", "rollback"])
    assert (told.exit_code, told.stdout.strip()) == (0, second)
    assert banks.active(bank).name == second
    assert refused(bank) == {third}
    assert roll_back(bank).name == first
    assert refused(bank) == {third, second}
    with pytest.raises(ConfigurationError, match="no earlier version"):
        roll_back(bank)
    assert CliRunner().invoke(app, ["bank", "rollback"]).exit_code != 0
