"""Spend categories: the list, zero-shot answers, corrections, what is stored and shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from test_db_matching import BOLTS, bring, extraction
from tiny import tiny_backbone

from db import categories as stored
from db import suppliers
from db.database import Database
from db.verdicts import Matching
from doctally.categories import Category, Vocabulary, load_categories
from doctally.cli.app import run
from doctally.errors import ConfigurationError
from doctally.matching import Tolerances
from doctally.settings import Settings
from doctally.suppliers import Supplier
from flows.reasons import review_reason
from flows.spending import sort_new, spend_table
from models.backbone import load_backbone
from models.spend import Asked, Spend, load_vectors, packaged_vectors
from models.spend_training import SpendExample, save_taught, taught
from synth.spend import billed

NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def spend() -> Spend:
    return Spend.load(load_categories(), load_backbone())


def test_the_default_list_has_unspsc_segments_and_packaged_vectors_that_fit() -> None:
    listed = load_categories()
    assert 20 <= len(listed) <= 35
    assert all(one.unspsc.endswith("000000") and one.words for one in listed)
    vectors = load_vectors(packaged_vectors(), categories=listed, backbone=load_backbone())
    assert vectors is not None and vectors.examples == len(billed())


@pytest.mark.parametrize(
    ("name", "text", "category"),
    [
        ("Alpha Ltd", "Copy paper A4; Ballpoint pens", "office_supplies"),
        ("Beta GmbH", "Kugellager 6204\nHydraulikschlauch", "industrial_parts"),
        ("Gamma SARL", "Fromage, vin rouge, pain", "food_beverage"),
        ("Delta Sp. z o.o.", "Energia elektryczna 300 kWh", "utilities"),
        ("Epsilon Solicitors", "Legal advice on a lease", "professional_services"),
    ],
)
def test_plain_suppliers_are_sorted_in_any_language(
    spend: Spend, name: str, text: str, category: str
) -> None:
    key, score = spend.answers([Asked(name, text)])[0]
    assert key == category and 0.3 < score <= 1


def test_what_says_nothing_scores_low_and_nothing_at_all_gets_no_category(spend: Spend) -> None:
    clear, vague = spend.answers([Asked("Pen World", "pens; copy paper"), Asked("Xyzzy", "Qwrt")])
    assert vague[1] < 0.5 < clear[1]
    assert spend.answers([Asked("", "12.50")]) == [("", 0.0)]


def test_a_list_of_ones_own_works_from_descriptions_alone(tmp_path: Path) -> None:
    path = tmp_path / "ours.csv"
    path.write_text(
        "key,description\ncanteen,what people eat and drink\nfleet,repair of cars and lorries\n"
        "pets,dogs and cats and what they need\n"
    )
    spend = Spend.load(load_categories(path), load_backbone())
    asked = [
        Asked("Bäckerei Huber", "Brötchen; Butter"),
        Asked("Reifen Schreiber", "Winterreifen; Bremsbeläge"),
        Asked("Happy Paws", "Kitten litter; dog collar"),
    ]
    assert [key for key, _ in spend.answers(asked)] == ["canteen", "fleet", "pets"]


def test_corrections_move_a_category_and_are_kept_in_a_file(tmp_path: Path) -> None:
    backbone = tiny_backbone(tmp_path)
    listed = [Category(key="a", description="alpha"), Category(key="b", description="beta")]
    spend = Spend(listed, backbone)
    told = [SpendExample(Asked(name), "b") for name in ("order of receipts", "total date")]
    told += [SpendExample(Asked(name), "a") for name in ("invoice 4", "number 9")]
    path = tmp_path / "taught.safetensors"
    save_taught(path, spend, taught(spend, told))
    again = Spend.load(listed, backbone, path)
    assert [key for key, _ in again.answers([one.asked for one in told])] == ["b", "b", "a", "a"]
    assert load_vectors(path, categories=listed[::-1], backbone=backbone) is None
    path.write_bytes(b"broken")
    with pytest.raises(ConfigurationError, match="damaged"):
        Spend.load(listed, backbone, path)


@pytest.mark.parametrize("text", ["[[category]]\nkey='a'\n", "category = 3", "[[category]]\nx=1\n"])
def test_a_list_that_does_not_fit_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="categories"):
        load_categories(path)


def test_compounds_speak_for_the_category_of_their_parts() -> None:
    words = Vocabulary(load_categories())
    weights = words.weights(["Edelstahlschlauch"])
    best = load_categories()[weights.index(max(weights))]
    assert best.key == "industrial_parts"


class Sorter:
    """Sorts everything into one category."""

    version = "fake"

    def __init__(self, answer: str) -> None:
        self.answer, self.asked = answer, list[Asked]()

    def extract(self, readings: object) -> list[object]:
        raise AssertionError(readings)

    def categorise(self, asked: list[Asked], *_given: object) -> list[tuple[str, float]]:
        self.asked += asked
        return [(self.answer, 0.8) for _ in asked]


def test_new_suppliers_are_sorted_and_a_persons_word_stays(
    database: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    given = [Supplier(0, "Meyer GmbH"), Supplier(0, "Roth KG", category="vehicles")]
    suppliers.put(database, given, now=NOW)
    assert sort_new(database, settings, Sorter("chemicals"), now=NOW) == 1
    assert sort_new(database, settings, Sorter("utilities"), now=NOW, again=True) == 1
    found = {one.name: one for one in suppliers.suppliers(database)}
    meyer, roth = found["Meyer GmbH"], found["Roth KG"]
    assert (meyer.category, meyer.category_source, meyer.category_score) == (
        "utilities", "model", 0.8,
    )  # fmt: skip
    assert (roth.category, roth.category_source, roth.category_score) == ("vehicles", "human", None)
    # an import without categories leaves them, one with the same keeps who said it
    suppliers.put(database, [Supplier(0, "Meyer GmbH", category="utilities")], now=NOW)
    suppliers.put(database, [Supplier(0, "Roth KG")], now=NOW)
    assert sort_new(database, settings, Sorter("utilities"), now=NOW) == 0
    found = {one.name: one for one in suppliers.suppliers(database)}
    assert found["Meyer GmbH"].category_source == "model"
    assert found["Roth KG"].category == "vehicles"
    assert [one.name for one in stored.told(database)] == ["Roth KG"]


def test_accepted_bills_bring_their_suppliers_and_are_summed_by_category(
    database: Database, tmp_path: Path
) -> None:
    for number, kind, total in (("R1", "invoice", "100.00"), ("C1", "credit_note", "30.00")):
        paper = extraction(kind, number, BOLTS, supplier_iban="DE1", total_gross=total)
        bring(database, paper, how=Matching(Tolerances(), review_reason))
    here = Settings(home=tmp_path)
    assert sort_new(database, here, Sorter("vehicles"), now=NOW, among=[77]) == 0
    assert sort_new(database, here, Sorter("vehicles"), now=NOW, among=[1, 2]) == 1
    (acme,) = suppliers.suppliers(database)
    assert (acme.name, acme.ibans, acme.category) == ("Acme Tools GmbH", (), "vehicles")
    assert stored.spent(database) == [stored.Spent("vehicles", "EUR", 2, Decimal("70.00"))]


def test_spending_is_shown_by_category() -> None:
    found = [
        stored.Spent("vehicles", "EUR", 2, Decimal("90.00")),
        stored.Spent("", "USD", 1, Decimal("5.50")),
    ]
    shown = spend_table(found, Settings())
    assert "| Vehicles and vehicle parts | 2 | 90.00 EUR |" in shown
    assert "| not known yet | 1 | 5.50 USD |" in shown


def test_the_command_line_sorts_teaches_and_predicts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCTALLY_HOME", str(tmp_path / "home"))
    (tmp_path / "s.csv").write_text("name\nPen World Stationery\nZork Holdings\n")
    assert run(["suppliers", "import", str(tmp_path / "s.csv")]) == 0
    assert run(["suppliers", "categorise"]) == 0
    assert run(["suppliers", "categorise", "Zork Holdings", "no_such"]) != 0
    assert run(["suppliers", "categorise", "zork holdings", "fuels_lubricants"]) == 0
    assert run(["suppliers", "learn", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["right_after"] == 1
    assert run(["suppliers", "list", "--json"]) == 0
    rows = {r["name"]: r for r in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["Pen World Stationery"]["category"] == "office_supplies"
    assert rows["Zork Holdings"]["category_source"] == "human"
    asked = tmp_path / "asked.jsonl"
    asked.write_text('{"id": 7, "name": "Zork Holdings Ltd", "text": ""}\n')
    assert run(["predict", "supplier", str(asked), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["id"], told["category"]) == (7, "fuels_lubricants") and 0 < told["score"] <= 1
