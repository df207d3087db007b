"""The pair task: both records in one window, its own numbers alone are trained."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from tiny import tiny_backbone

from doctally.errors import ConfigurationError
from models.backbone import Backbone
from models.config import Config
from models.engine import Engine
from models.network import Network
from models.pairs import Pair, as_example, as_reading, pair_files, read_pairs, record_text
from models.tasks import TASKS
from models.train import adapt

SMALL = Config(
    prompt_length=4,
    label_size=16,
    mixers=1,
    steps=120,
    pieces_per_batch=600,
    head_rate=1e-2,
    factor_rate=1e-2,
    average=0.8,
)
WORDS = ("date", "total", "order", "invoice", "number", "receipt")


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


def network_of(backbone: Backbone) -> Network:
    torch.manual_seed(3)
    chosen = {n: TASKS[n] for n in ("route", "match", "receipt")}
    network = Network(backbone, chosen, prompt_length=4, label_size=16, mixers=1)
    network.start()
    return network.eval()


def test_a_network_learns_which_words_are_the_same_and_no_other_number_moves(
    backbone: Backbone,
) -> None:
    asked = [Pair(f"{a} {b}", f"{b} {a}" if same else f"{WORDS[n - 2]} {WORDS[n - 3]}", same)
             for n, (a, b) in enumerate(pairwise(WORDS))
             for same in (True, False)]  # fmt: skip
    network = network_of(backbone)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    examples = [as_example(pair, backbone.tokenizer) for pair in asked]
    losses: list[float] = []
    adapt(network, "match", examples, SMALL, progress=lambda _step, loss: losses.append(loss))
    moved = {n for n, value in network.state_dict().items() if not torch.equal(value, before[n])}
    assert moved
    assert all(".match" in name for name in moved)
    assert losses[-1] < 0.6 * losses[0]
    said = Engine(network, SMALL, "test").same(asked)
    right = sum((chance >= 0.5) == pair.same for chance, pair in zip(said, asked, strict=True))
    assert right >= 0.8 * len(asked)


def test_other_tasks_answer_the_same_to_the_last_bit(backbone: Backbone) -> None:
    network = network_of(backbone)
    page = as_reading(Pair("invoice number 4711", "total 10"))
    before = Engine(network, SMALL, "old").answers("route", [page])
    examples = [as_example(Pair("date", "date", True), backbone.tokenizer)]
    adapt(network, "match", examples, SMALL)
    assert Engine(network, SMALL, "new").answers("route", [page]) == before


def test_a_pair_scores_the_same_alone_and_in_company(backbone: Backbone) -> None:
    engine = Engine(network_of(backbone), SMALL, "test")
    pair = Pair("order number 12", "total 13")
    alone = engine.same([pair])
    among = engine.same([Pair("a" * 30, "b"), pair, Pair("receipt", "receipt date total order")])
    assert among[1] == pytest.approx(alone[0], abs=1e-5)


def test_a_bank_without_the_task_says_how_to_train_it(backbone: Backbone) -> None:
    network = Network(backbone, {"route": TASKS["route"]}, prompt_length=4, label_size=16, mixers=1)
    with pytest.raises(ConfigurationError, match="--task match"):
        Engine(network.eval(), SMALL, "old").same([Pair("a", "b")])


def test_records_become_texts_with_the_price_last() -> None:
    record = {"price": "9.99", "title": "blue pen", "manufacturer": "", "description": "blue pen"}
    assert record_text(record) == "blue pen ; price 9.99"
    assert record_text("as it is") == "as it is"
    long = record_text({"title": "x " * 200, "price": "5"})
    assert long.endswith("price 5")


def test_the_shared_pairs_are_read(shared_data: Path) -> None:
    files = pair_files([shared_data / "matching"])
    assert {path.parent.name for path in files} == {"amazon_google", "abt_buy"}
    pairs = read_pairs(files[0])
    assert len(pairs) > 5000
    assert 0.05 < sum(bool(p.same) for p in pairs) / len(pairs) < 0.2


def test_a_line_that_is_no_pair_is_named(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text('left,right,label\n"{}","{}",1\n"{}",oops,0\n')
    with pytest.raises(ConfigurationError, match="line 3"):
        read_pairs(path)
