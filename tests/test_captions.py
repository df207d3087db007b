"""Captions: what stands beside a value tells which field it is, as a second opinion."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small import SMALL, truth
from tiny import page_of, tiny_backbone

from doctally.cli.app import run
from doctally.errors import ConfigurationError
from doctally.pages import Page, Reading
from models import bank as banks
from models.backbone import Backbone
from models.blocks import Blocks
from models.captions import FILE, SILENT, Around, Captions, load_captions
from models.captions_training import captions_of, labels
from models.decode import Option
from models.differing import difference
from models.examples import Example, example
from models.network import Network
from models.tasks import TASKS
from synth.generate import SHARES, write

CAPTIONS = ("Invoice No.", "Bill number"), ("Your order", "Order ref.")
NAMES = ("document_number", "order_number")


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


def paper(number: int, captions: tuple[str, str]) -> Page:
    """Return a page with two numbers whose captions alone tell which is which."""
    lines = [f"{captions[k]}: {5000 + 2 * number + k}" for k in (0, 1)]
    if number % 2:
        lines.reverse()
    return page_of("Acme Tools", *lines, f"page {number}")


def lesson(number: int, backbone: Backbone) -> Example:
    page = paper(number, (CAPTIONS[0][number % 2], CAPTIONS[1][number // 2 % 2]))
    values = {name: str(5000 + 2 * number + k) for k, name in enumerate(NAMES)}
    known = truth(fields=values, labelled=frozenset(values), visible=frozenset(values))
    return example(known, Reading("application/pdf", (page,)), backbone.tokenizer)


@pytest.fixture(scope="module")
def captions(backbone: Backbone) -> Captions:
    return captions_of([lesson(number, backbone) for number in range(40)], seed=1)


def around(page: Page) -> Around:
    return Around(page, Blocks(page))


def odds_at(captions: Captions, page: Page, text: str) -> dict[str, float]:
    word = next(i for i, w in enumerate(page.words) if w.text == text)
    signs = around(page).signs(word, "invoice", len(captions.weights))
    return dict(captions.log_odds(signs))


def test_a_number_is_the_field_that_its_caption_names_wherever_it_stands(
    captions: Captions,
) -> None:
    page = page_of("nothing else here", "Order ref. 81", "", "Bill number 80")
    order, bill = odds_at(captions, page, "81"), odds_at(captions, page, "80")
    assert order["order_number"] > 0 > order["document_number"]
    assert bill["document_number"] > 0 > bill["order_number"]


def test_captions_choose_between_two_values_that_the_network_finds_alike(
    captions: Captions,
) -> None:
    page = page_of("Order ref. 81", "Bill number 80")
    box = page.words[0].box
    alike = [
        Option(text, 0.5, text, 0, box, word=i)
        for i, text in enumerate(w.text for w in page.words)
        if text.isdigit()
    ]
    far = Option("7", 0.5, "7", 0, box)
    found = {"order_number": alike, "document_number": alike, "unheard_of": [far]}
    weighed = captions.weigh(found, [around(page)], "invoice")
    assert [weighed[name][0].value for name in ("order_number", "document_number")] == ["81", "80"]
    assert weighed["unheard_of"] == [far]
    assert SILENT.weigh(found, [around(page)], "invoice") == found


def test_whose_a_name_is_does_not_depend_on_whether_it_is_a_name() -> None:
    every = labels()
    weights = np.zeros((4, len(every)), dtype=np.int8)
    weights[0, every.index("customer_name")] = 50
    weights[0, 0] = 127  # more likely nothing at all
    flat = Captions(
        every, weights, np.full(len(every), 0.1, np.float32), np.zeros(len(every), np.float32)
    )
    told = flat.log_odds(np.array([0], dtype=np.int32))
    assert told["customer_name"] > 2 > -2 > told["supplier_name"]
    assert told["document_number"] < -5


def test_a_version_keeps_its_captions_and_a_swapped_file_is_refused(
    backbone: Backbone, captions: Captions, tmp_path: Path
) -> None:
    network = Network(backbone, TASKS, prompt_length=4, label_size=16, mixers=1)
    network.start()
    card = {"config": SMALL.as_dict()}
    plain = banks.save(network, tmp_path, card)
    assert load_captions(plain.folder) is SILENT
    network.captions = captions
    told = banks.save(network, tmp_path, card)
    assert told.name != plain.name
    kept = banks.load(told, backbone).captions
    assert kept.digest() == captions.digest()
    changed = [part.name for part in difference(plain, told).parts if part.changed]
    assert (
        changed
        == ["captions"]
        == [part.name for part in difference(told, plain).parts if part.changed]
    )
    replace(captions, bias=captions.bias + 1).save(told.folder)
    with pytest.raises(ConfigurationError, match=r"captions\.safetensors"):
        banks.load(told, backbone)
    (told.folder / FILE).write_bytes(b"no safetensors")
    with pytest.raises(ConfigurationError, match="damaged"):
        load_captions(told.folder)


def test_the_verb_teaches_captions_and_leaves_prompts_and_suppliers_as_they_are(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.backbone.load_backbone", lambda *_: backbone)
    monkeypatch.setenv("DOCTALLY_BANK", str(tmp_path / "bank"))
    monkeypatch.setenv("DOCTALLY_HOME", str(tmp_path / "home"))
    network = Network(backbone, TASKS, prompt_length=4, label_size=16, mixers=1)
    network.start()
    card = {"config": SMALL.as_dict(), "created": "2026-01-01", "calibration": {"*": [1.0, 0.0]}}
    old = banks.save(network, tmp_path / "bank", card)
    banks.promote(tmp_path / "bank", old.name)
    write(tmp_path / "papers", count=6, seed=5, jobs=1, shares=SHARES)
    assert run(["bank", "captions", str(tmp_path / "papers")]) == 0
    new = banks.active(tmp_path / "bank")
    assert [p.name for p in difference(old, new).parts if p.changed] == ["captions"]
    assert new.card["parent"] == old.name
    assert "calibration" not in new.card  # it was true of the old scores
    assert sum(new.card["captions"]["documents"].values()) == 6
    said = json.loads((new.folder / "card.json").read_text())["files"]
    assert FILE in said
    assert run(["bank", "calibrate", str(tmp_path / "papers")]) == 0
    sure = banks.active(tmp_path / "bank")
    assert load_captions(sure.folder).digest() == load_captions(new.folder).digest()
    assert sure.card["calibration"]
