"""The generator: reproducible, true by construction, readable where its labels say."""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from stdnum import iban
from stdnum.eu import vat

from doctally.pages import Page
from doctally.schemas import Kind, header_fields, item_fields
from doctally.values import Locale, normalise, same
from extractors.pdf import open_pdf, read_page
from synth import ids
from synth.__main__ import main
from synth.deal import make_deal
from synth.dice import Dice
from synth.formats import cents
from synth.generate import SHARES, make
from synth.regions import regions
from synth.wording import LANGUAGES, wording

COUNT = 70
EDGES = ".,:;()|- "


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("synth")
    with pytest.raises(SystemExit) as done:
        main(["--out", str(made), "--count", str(COUNT), "--seed", "5"])
    assert done.value.code == 0
    return made


@pytest.fixture(scope="module")
def labels(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "labels.jsonl").open(encoding="utf-8")]


def pages_of(path: Path) -> list[Page]:
    with open_pdf(path) as document:
        return [read_page(document, index) for index in range(len(document))]


def words_in(pages: list[Page], fragments: list[list[float]]) -> str:
    found = []
    for number, x0, y0, x1, y1 in fragments:
        for word in pages[int(number) - 1].words:
            x, y = (word.box.x0 + word.box.x1) / 2, (word.box.y0 + word.box.y1) / 2
            if x0 <= x <= x1 and y0 <= y <= y1:
                found.append(word.text)
    return " ".join(found)


def squeezed(text: str) -> str:
    return re.sub(r"[\s,]+", "", text).strip(EDGES)


def test_a_document_depends_on_seed_and_index_only() -> None:
    first = make(3, 11)
    make(3, 12)
    assert make(3, 11) == first
    assert make(4, 11) != first


def test_the_words_in_a_box_are_the_value_it_labels(folder: Path, labels: list[dict]) -> None:
    right = wrong = 0
    for row in labels:
        pages = pages_of(folder / row["file"])
        for name, occurrences in row["boxes"].items():
            for fragments, printed in zip(occurrences, row["printed"][name], strict=True):
                if squeezed(words_in(pages, fragments)) == squeezed(printed):
                    right += 1
                else:
                    wrong += 1
    assert right > 900
    assert wrong / (right + wrong) <= 0.005


def test_the_words_in_a_cells_box_are_the_cell(folder: Path, labels: list[dict]) -> None:
    names = {"code", "description", "position", "unit"}
    right = wrong = 0
    for row in labels:
        pages = pages_of(folder / row["file"])
        for cells, boxes in zip(row.get("line_items", ()), row.get("item_boxes", ()), strict=True):
            assert cells.keys() == boxes.keys()
            for name in names & cells.keys():
                if squeezed(words_in(pages, boxes[name])) == squeezed(cells[name]):
                    right += 1
                else:
                    wrong += 1
    assert right > 400
    assert wrong / (right + wrong) <= 0.005


def test_printed_values_read_back_into_their_normal_form(labels: list[dict]) -> None:
    kinds = {Kind.AMOUNT, Kind.IBAN, Kind.BIC, Kind.EMAIL, Kind.CURRENCY, Kind.PHONE}
    checked = Counter[Kind]()
    for row in labels:
        specs = {spec.name: spec.kind for spec in header_fields(row["document_type"])}
        comma = row["language"] != "en"
        for name, texts in row["printed"].items():
            if specs[name] not in kinds:
                continue
            for text in texts:
                values = [
                    normalise(specs[name], text, Locale(day_first=True, decimal_comma=point))
                    for point in (comma, not comma)
                ]
                wanted = row["fields"][name]
                signed = {wanted, f"-{wanted}"}  # a discount may be printed with a minus
                assert any(v and same(specs[name], v, w) for v in values for w in signed), text
                checked[specs[name]] += 1
    assert min(checked[kind] for kind in kinds) > 5


def test_labels_keep_the_contract(labels: list[dict]) -> None:
    cells = {spec.name for spec in item_fields()}
    assert {row["document_type"] for row in labels} == set(SHARES)
    for row in labels:
        names = {spec.name for spec in header_fields(row["document_type"])}
        assert set(row["labelled"]) == (set() if row["document_type"] == "other" else names)
        assert row["fields"].keys() <= names
        assert row["source"] == "synth"
        assert all(row["fields"].values())
        assert row["fields"].keys() - row["boxes"].keys() <= {"currency"}
        for item in row.get("line_items", ()):
            assert item
            assert item.keys() <= cells
        boxes = [box for found in row["boxes"].values() for one in found for box in one]
        for _, x0, y0, x1, y1 in boxes:
            assert 0 <= x0 < x1 <= 1, row["file"]
            assert 0 <= y0 < y1 <= 1, row["file"]


@pytest.mark.parametrize("kind", ["invoice", "credit_note", "purchase_order"])
def test_amounts_agree_to_the_cent(kind: str) -> None:
    for number in range(60):
        dice = Dice(f"sums {number}")
        deal = make_deal(dice, kind, dice.pick(regions()))
        facts = deal.facts
        for line in deal.lines:
            assert line.amount_net == cents(line.quantity * line.unit_price) - line.discount
        net = sum(line.amount_net for line in deal.lines)
        net += facts.get("shipping_amount", 0) - facts.get("discount", 0)
        assert facts["total_net"] == net
        assert facts["total_tax"] == sum(tax for _, _, tax in deal.taxes)
        assert facts["total_net"] + facts["total_tax"] == facts["total_gross"]
        if "amount_due" in facts:
            paid = facts.get("amount_paid", Decimal(0))
            assert facts["amount_due"] == facts["total_gross"] - paid


@pytest.mark.parametrize("country", ["DE", "FR", "BE", "ES", "IT", "NL", "PL", "PT", "IE"])
def test_tax_ids_and_accounts_have_valid_check_digits(country: str) -> None:
    dice = Dice(country)
    for _ in range(40):
        account = ids.bank_account(dice, country)
        assert iban.is_valid(account, check_country=True), account
        if country != "IE":  # Ireland's check letter is left to chance
            number = ids.tax_id(dice, country)
            assert vat.is_valid(number), number


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_many_captions_of_its_own(language: str) -> None:
    text = (Path("synth") / "wording" / f"{language}.txt").read_text(encoding="utf-8")
    own = {line.partition(" = ")[0] for line in text.splitlines()}
    for name in ("due_date", "order_number", "customer_number", "supplier_tax_id", "total_net"):
        assert name in own
        assert len(wording(language)[name]) >= 4
    for kind in ("invoice", "purchase_order", "shipment_notice"):
        assert len(wording(language)[f"document_number@{kind}"]) >= 4
        assert len(wording(language)[f"title.{kind}"]) >= 5


def test_types_can_be_chosen_and_weighed(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as done:
        main(["--out", str(tmp_path), "--count", "4", "--types", "receipt=1", "other=0"])
    assert done.value.code == 0
    rows = (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["document_type"] for row in rows] == ["receipt"] * 4


def test_an_unknown_type_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["--out", "nowhere", "--types", "poem"])
    assert done.value.code == 2
    assert "shipment_notice" in capsys.readouterr().err


def test_jobs_change_nothing_but_the_time(tmp_path: Path) -> None:
    for jobs in ("1", "2"):
        with pytest.raises(SystemExit):
            main(["--out", str(tmp_path / jobs), "--count", "52", "--jobs", jobs])
    one, two = ((tmp_path / jobs / "labels.jsonl").read_bytes() for jobs in ("1", "2"))
    assert one == two
