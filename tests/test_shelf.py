"""States kept in files: training above the backbone takes up where it ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from small import SMALL, made
from tiny import tiny_backbone
from torch import Tensor

from models.backbone import Backbone
from models.network import Network
from models.shelf import Shelf
from models.tasks import TASKS
from models.train import train_above

WIDTH = 8


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


def network(backbone: Backbone) -> Network:
    torch.manual_seed(5)
    made = Network(backbone, TASKS, prompt_length=4, label_size=16, mixers=1)
    made.start()
    return made


def filled(folder: Path) -> dict[str, Tensor]:
    states = {name: torch.randn(size, WIDTH).half().float() for name, size in (("a", 3), ("b", 5))}
    shelf = Shelf(folder, WIDTH)
    for name, tensor in states.items():
        shelf.put(name, tensor)
        assert torch.equal(shelf.get(name), tensor)
    shelf.close()
    return states


def test_what_was_put_is_there_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    states = filled(tmp_path)
    shelf = Shelf(tmp_path, WIDTH)
    assert len(shelf) == 2 and "c" not in shelf
    assert all(torch.equal(shelf.get(name), tensor) for name, tensor in states.items())


def test_after_a_kill_what_is_whole_is_there_and_work_goes_on(tmp_path: Path) -> None:
    states = filled(tmp_path)
    index = tmp_path / "states.jsonl"
    index.write_text(index.read_text(encoding="utf-8") + '["c", 128', encoding="utf-8")
    data = tmp_path / "states.f16"
    data.write_bytes(data.read_bytes()[:-2])
    shelf = Shelf(tmp_path, WIDTH)
    assert "a" in shelf and "b" not in shelf and "c" not in shelf
    shelf.put("b", states["b"])
    shelf.close()
    again = Shelf(tmp_path, WIDTH)
    assert torch.equal(again.get("a"), states["a"]) and torch.equal(again.get("b"), states["b"])


def test_a_second_training_on_the_same_folder_needs_no_pass(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = [made(n, backbone) for n in range(4)]
    config = replace(SMALL, above_steps=6, above_pieces=600)
    first = train_above(network(backbone), examples, config, weights={}, states=tmp_path)
    passes: list[int] = []
    words = Network.words

    def counted(self: Network, *given: object, **named: object) -> Tensor:
        passes.append(1)
        return words(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Network, "words", counted)
    second = train_above(network(backbone), examples, config, weights={}, states=tmp_path)
    assert not passes
    assert all(
        torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True)
    )
    changed = network(backbone)
    with torch.no_grad():
        changed.prompt.shared += 1
    train_above(changed, examples, config, weights={}, states=tmp_path)
    assert passes  # other prompts say other things
