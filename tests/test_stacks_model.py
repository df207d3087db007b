"""Which pages begin a document: the evidence, its examples, and the task learnt from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from test_adapt import SMALL, fresh
from tiny import page_of, tiny_backbone

from doctally.errors import ConfigurationError
from doctally.pages import Page, Reading
from doctally.values import infer_locale
from models import stacks
from models.backbone import Backbone
from models.bank import continued, load, save
from models.continuity import evidence, page_count
from models.documents import Truth
from models.engine import Engine
from models.settle import settle
from models.stacks import StackExamples, joined, pairs
from models.windows import Encoded, encode_reading


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


def bill(number: int, page: int = 1, of: int = 1) -> Page:
    top = ("acme tools", f"invoice number {number}", f"page {page} of {of}")
    body = [f"{row} item {row}{number}  {row}.00" for row in range(5)]
    return page_of(*top, *body, number=page)


def encoded(backbone: Backbone, *pages: Page) -> list[Encoded]:
    numbered = tuple(replace(page, number=n) for n, page in enumerate(pages, 1))
    reading = Reading("application/pdf", numbered)
    return encode_reading(reading, backbone.tokenizer, infer_locale(reading.text))


def truth(name: str, source: str = "ours") -> Truth:
    empty: frozenset[str] = frozenset()
    return Truth(Path(name), "invoice", {}, (), empty, empty, {}, ("invoice",), source)


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (("Seite 2 von 3",), (2, 3)),
        (("Page: 4",), (4, 0)),
        (("Página 1 de 2",), (1, 2)),
        (("invoice", "1 / 2"), (1, 2)),
        (("Strona 2 z 5",), (2, 5)),
        (("terms", "- 3 -"), (3, 0)),
        (("12 / 2020", "total 3 of 4 boxes delivered"), None),
    ],
)
def test_page_numbers_are_read_in_many_languages(
    lines: tuple[str, ...], count: tuple[int, int] | None
) -> None:
    assert page_count(page_of(*lines)) == count


def test_the_evidence_tells_what_connects_two_pages() -> None:
    going_on = " ".join(evidence(bill(4711, 1, 2), bill(4711, 2, 2)))
    assert "numbering continues previous unfinished" in going_on
    assert "numbers all places agree" in going_on
    another = " ".join(evidence(bill(4711), bill(8822)))
    assert "numbering starts previous complete" in another
    assert "places differ" in another
    large = replace(bill(4711), width=842.0)
    assert "paper different" in " ".join(evidence(bill(4711), large))
    carried = page_of("carried forward 100.00", number=2)
    assert "carried forward" in " ".join(evidence(bill(4711), carried))


def test_blank_pages_belong_to_what_comes_before_them(backbone: Backbone) -> None:
    blank = Page(2, 595.0, 842.0, ())
    found = [index for index, _, _ in pairs(encoded(backbone, bill(1), blank, bill(2)))]
    assert found == [2]


def test_a_sheet_for_the_judge_fits_one_window_and_keeps_its_parts_apart(
    backbone: Backbone,
) -> None:
    first, second = encoded(backbone, bill(4711), bill(8822))
    sheet = joined(first, second, backbone.tokenizer)
    assert sum(map(len, sheet.pieces)) < SMALL.window
    told = len(evidence(first.page, second.page))
    heights = sheet.boxes[:, 1]
    assert heights[:told].max() < heights[told:].min() + 0.1
    assert set(sheet.boxes[told:, 5]) == {0.0, 1.0}
    assert (first.boxes <= 1).all() and (second.boxes[:, 5] == 1).all()


def test_documents_teach_what_goes_on_and_what_begins(backbone: Backbone) -> None:
    maker = StackExamples(backbone.tokenizer)
    maker.add(truth("a.pdf"), encoded(backbone, bill(1, 1, 2), bill(1, 2, 2)))
    maker.add(truth("b.pdf"), encoded(backbone, bill(2)))
    maker.add(truth("c.png"), encoded(backbone, bill(3)))
    answers = [example.answers(stacks.TASK) for example in maker.examples()]
    assert answers.count((stacks.CONTINUATION,)) == 1
    assert answers.count((stacks.FIRST,)) == 4
    assert all(not e.answers("route") and e.task is None for e in maker.examples())


def test_a_page_that_is_counted_on_never_begins_a_document(backbone: Backbone) -> None:
    first, second, third = encoded(backbone, bill(1, 1, 3), bill(1, 2, 3), bill(2, 1, 3))
    assert stacks.chance_of_first(first, second, 0.99) == 0
    assert stacks.chance_of_first(second, third, 0.99) == 0.99


def test_a_cut_needs_to_be_sure() -> None:
    assert stacks.likely([(1, 0.2), (2, 0.99), (3, 0.5)]) == [2]
    assert stacks.likely([(1, stacks.SURE - 0.01)]) == []


def taught(backbone: Backbone) -> StackExamples:
    maker = StackExamples(backbone.tokenizer)
    for n in range(8):
        number = 1000 + 137 * n
        pages = [bill(number, 1, 3), bill(number, 2, 3), bill(number, 3, 3)]
        maker.add(truth(f"{n}.pdf"), encoded(backbone, *pages))
    return maker


def test_the_task_is_learnt_in_moments_and_no_other_number_moves(
    backbone: Backbone, tmp_path: Path
) -> None:
    old = fresh(backbone, {"route": 1, "invoice": 1})
    version = save(old, tmp_path, {"config": SMALL.as_dict()})
    assert Engine(load(version, backbone), SMALL, "old").stacks(
        [Reading("application/pdf", (bill(1), bill(2)))]
    ) == [()]
    network = continued(version, backbone, SMALL, also=[stacks.TASK])
    before = {name: value.clone() for name, value in network.state_dict().items()}
    settle(network, stacks.TASK, taught(backbone).examples(), SMALL, rounds=300)
    moved = {n for n, value in network.state_dict().items() if not torch.equal(value, before[n])}
    assert moved == {f"head.{part}.page" for part in ("delta", "bias", "focus")}
    pages = [bill(7100, 1, 2), bill(7100, 2, 2), bill(9944), bill(5521, 1, 2), bill(5521, 2, 2)]
    stack = Reading(
        "application/pdf",
        tuple(replace(page, number=n) for n, page in enumerate(pages, 1)),
        loose=True,
    )
    engine = Engine(network, SMALL, "new")
    with torch.no_grad():
        network.head.bias["route"][network.tasks["route"].names.index("invoice")] = 50
    assert engine.stacks([stack]) == [(1, 3, 4)]
    (found,) = engine.extract([stack])
    assert (found.starts, found.document_type, found.fields) == ((1, 3, 4), "other", {})
    (whole,) = engine.extract([replace(stack, loose=False)])
    assert whole.starts == ()
    with torch.no_grad():
        network.head.bias["route"][network.tasks["route"].names.index("other")] = 100
    assert engine.stacks([stack]) == [()]


def test_documents_that_teach_nothing_of_the_task_are_refused(backbone: Backbone) -> None:
    with pytest.raises(ConfigurationError, match="page"):
        settle(fresh(backbone), stacks.TASK, [], SMALL)
