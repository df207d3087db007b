"""The pair task: fitted to labelled pairs, its own numbers alone; asked one by one or together."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny import tiny_backbone

from doctally.errors import ConfigurationError
from models import bank as banks
from models.acquaint import acquaint
from models.backbone import Backbone
from models.config import Config
from models.engine import Engine
from models.events import as_reading
from models.network import Network
from models.pairs import Pair, pair_files, read_pairs
from models.records import codes, record_of, sizes
from models.tasks import TASKS

SMALL = Config(prompt_length=4, label_size=16, mixers=1)
THINGS = ("blue pen", "red chair", "oak table", "steel bolt", "paper roll", "desk lamp")


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


def network_of(backbone: Backbone) -> Network:
    torch.manual_seed(3)
    chosen = {n: TASKS[n] for n in ("route", "match", "receipt")}
    network = Network(backbone, chosen, prompt_length=4, label_size=16, mixers=1)
    network.start()
    return network.eval()


def taught() -> list[Pair]:
    """Return pairs whose code decides, not their words."""
    pairs = []
    for n in range(60):
        thing = THINGS[n % len(THINGS)]
        left = {"title": f"{thing} AB{1000 + n}", "price": str(5 + n)}
        pairs.append(Pair.of(left, f"AB-{1000 + n} {thing}", True))
        pairs.append(Pair.of(left, f"AB-{3000 + 7 * n} {thing}", False))
    return pairs


@pytest.fixture(scope="module")
def fitted(backbone: Backbone) -> Network:
    return acquaint(network_of(backbone), taught()[:80], taught()[80:100], SMALL)


def test_what_was_learnt_holds_for_pairs_never_seen(fitted: Network) -> None:
    unseen = taught()[100:]
    said = Engine(fitted, SMALL, "test").same(unseen)
    right = sum((chance >= 0.5) == pair.same for chance, pair in zip(said, unseen, strict=True))
    assert right >= 0.9 * len(unseen)


def test_no_number_of_another_task_moves(backbone: Backbone, fitted: Network) -> None:
    before = network_of(backbone).state_dict()
    moved = {n for n, value in fitted.state_dict().items() if not torch.equal(value, before[n])}
    assert moved and all(name.startswith("head.pair.match.") for name in moved)
    page = as_reading("invoice number 4711 total 10")
    answers = [
        Engine(n, SMALL, "x").answers("route", [page]) for n in (network_of(backbone), fitted)
    ]
    assert answers[0] == answers[1]


def test_a_bank_keeps_what_was_learnt(backbone: Backbone, fitted: Network, tmp_path: Path) -> None:
    version = banks.save(fitted, tmp_path, {"config": SMALL.as_dict()})
    kept = banks.load(version, backbone)
    unseen = taught()[100:]
    before = Engine(fitted, SMALL, "a").same(unseen)
    assert [s >= 0.5 for s in Engine(kept, SMALL, "b").same(unseen)] == [s >= 0.5 for s in before]


def test_a_pair_scores_the_same_alone_and_in_company(fitted: Network) -> None:
    engine = Engine(fitted, SMALL, "test")
    pair = Pair.of("blue pen AB12", "pen AB12")
    company = [Pair.of("a" * 30, "b"), pair, Pair.of("", "receipt date total order")]
    assert engine.same(company)[1] == pytest.approx(engine.same([pair])[0], abs=1e-5)


def test_too_few_pairs_are_refused(backbone: Backbone) -> None:
    with pytest.raises(ConfigurationError, match="two pairs of each answer"):
        acquaint(network_of(backbone), taught()[:2], [], SMALL)


def test_a_bank_without_the_task_says_how_to_train_it(backbone: Backbone) -> None:
    network = Network(backbone, {"route": TASKS["route"]}, prompt_length=4, label_size=16, mixers=1)
    with pytest.raises(ConfigurationError, match="--task match"):
        Engine(network.eval(), SMALL, "old").same([Pair.of("a", "b")])


def test_a_record_is_a_text_or_an_object() -> None:
    record = record_of({"price": "9,99", "title": "Blue  pen", "brand": "Acme", "note": "ink"})
    assert (record.title, record.rest, record.maker) == ("Blue pen", "ink", "Acme")
    assert record.price == 9.99
    assert record_of("as it is").title == "as it is"
    assert record_of(None).text == ""


def test_codes_and_sizes_are_told_apart() -> None:
    assert codes("Sony DVP-FX820/R 8 inch 500gb 4006381333931") == ["dvpfx820r", "4006381333931"]
    assert sizes("paper 80 g, 2.50 m, A4") == {"80", "2.5", "4"}


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
