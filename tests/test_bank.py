from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from tiny import page_of, tiny_backbone

from doctally.errors import ConfigurationError
from doctally.pages import Reading
from models import bank
from models.backbone import Backbone
from models.config import Config
from models.engine import Engine
from models.network import Network
from models.tasks import TASKS

SMALL = Config(prompt_length=4, label_size=16, mixers=1)


def network_of(backbone: Backbone, seed: int) -> Network:
    torch.manual_seed(seed)
    network = Network(backbone, TASKS, prompt_length=4, label_size=16, mixers=1)
    network.start()
    return network


@pytest.fixture
def backbone(tmp_path: Path) -> Backbone:
    return tiny_backbone(tmp_path)


def test_a_version_that_is_saved_and_loaded_answers_the_same(
    backbone: Backbone, tmp_path: Path
) -> None:
    network = network_of(backbone, 1)
    version = bank.save(network, tmp_path / "bank", {"config": SMALL.as_dict()})
    bank.promote(tmp_path / "bank", version.name)
    first, second = (
        Engine(bank.load(bank.active(tmp_path / "bank"), backbone), SMALL, version.name)
        for _ in range(2)
    )
    reading = Reading("application/pdf", (page_of("invoice number 123", "total  45.00"),))
    assert first.extract([reading]) == second.extract([reading])
    assert first.extract([reading])[0].model_version == version.name


def test_versions_are_named_by_their_numbers_and_never_overwritten(
    backbone: Backbone, tmp_path: Path
) -> None:
    card = {"config": SMALL.as_dict()}
    one = bank.save(network_of(backbone, 1), tmp_path, card)
    same = bank.save(network_of(backbone, 1), tmp_path, card)
    other = bank.save(network_of(backbone, 2), tmp_path, card)
    assert one.name == same.name != other.name
    assert {v.name for v in bank.versions(tmp_path)} == {one.name, other.name}


def test_a_bank_refuses_another_backbone(backbone: Backbone, tmp_path: Path) -> None:
    version = bank.save(network_of(backbone, 1), tmp_path / "bank", {"config": SMALL.as_dict()})
    other = tiny_backbone(tmp_path, seed=9)
    with pytest.raises(ConfigurationError, match="trained on backbone"):
        bank.load(version, other)


def test_a_bank_with_other_labels_is_refused(backbone: Backbone, tmp_path: Path) -> None:
    version = bank.save(network_of(backbone, 1), tmp_path, {"config": SMALL.as_dict()})
    card = json.loads((version.folder / bank.CARD).read_text())
    card["tasks"]["invoice"].append("surprise")
    (version.folder / bank.CARD).write_text(json.dumps(card))
    with pytest.raises(ConfigurationError, match="other tasks or labels"):
        bank.load(bank.versions(tmp_path)[0], backbone)


def test_weights_that_are_cut_short_are_a_clear_error(backbone: Backbone, tmp_path: Path) -> None:
    version = bank.save(network_of(backbone, 1), tmp_path, {"config": SMALL.as_dict()})
    weights = version.folder / bank.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ConfigurationError, match=version.name):
        bank.load(version, backbone)


def test_a_version_that_was_changed_after_it_was_made_is_refused(
    backbone: Backbone, tmp_path: Path
) -> None:
    made = bank.save(network_of(backbone, 1), tmp_path, {"config": SMALL.as_dict()})
    other = bank.save(network_of(backbone, 2), tmp_path, {"config": SMALL.as_dict()})
    weights = made.folder / bank.WEIGHTS
    own = weights.read_bytes()
    weights.write_bytes((other.folder / bank.WEIGHTS).read_bytes())
    for seal in (made.card["files"], None):  # of today, and of a version that has none yet
        card = {**made.card, "files": seal}
        (made.folder / bank.CARD).write_text(json.dumps(card))
        with pytest.raises(ConfigurationError, match="not as it was made") as refused:
            bank.load(bank.version(tmp_path, made.name), backbone)
        assert refused.value.code == "bank_changed"
    (made.folder / bank.CARD).write_text(json.dumps(made.card))
    weights.write_bytes(own)
    bank.load(bank.version(tmp_path, made.name), backbone)
    (made.folder / "suppliers.safetensors").write_bytes(own)
    with pytest.raises(ConfigurationError, match="suppliers"):
        bank.load(bank.version(tmp_path, made.name), backbone)


def test_the_packaged_bank_is_as_it_was_made() -> None:
    from models import sealed

    sealed.check(bank.active(bank.packaged_bank()))


def test_rolling_back_is_promoting_the_older_version(backbone: Backbone, tmp_path: Path) -> None:
    card = {"config": SMALL.as_dict()}
    old = bank.save(network_of(backbone, 1), tmp_path, card)
    new = bank.save(network_of(backbone, 2), tmp_path, card)
    bank.promote(tmp_path, new.name)
    bank.promote(tmp_path, old.name)
    assert bank.active(tmp_path).name == old.name


def test_a_version_name_cannot_leave_the_bank(backbone: Backbone, tmp_path: Path) -> None:
    bank.save(network_of(backbone, 1), tmp_path / "elsewhere", {"config": SMALL.as_dict()})
    with pytest.raises(ConfigurationError):
        bank.promote(tmp_path / "bank", "../elsewhere")


def test_an_empty_document_gives_no_values(backbone: Backbone) -> None:
    engine = Engine(network_of(backbone, 1), SMALL, "x")
    assert engine.extract([]) == []
    [found] = engine.extract([Reading("application/pdf", (page_of(),))])
    assert (found.document_type, found.route_confidence, dict(found.fields)) == ("other", 0.0, {})
