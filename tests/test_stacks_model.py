"""Which pages begin a document: what pages show, how it is weighed, and the cuts it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from test_adapt import SMALL, fresh
from tiny import page_of, tiny_backbone

from doctally.errors import ConfigurationError
from doctally.pages import Page, Reading
from models import boundaries, stacks
from models.backbone import Backbone
from models.boundaries import Boundaries
from models.continuity import BEGINS, GOES_ON, SIGNS, signs
from models.counters import Count, page_count
from models.engine import Engine
from models.facts import facts


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


def bill(number: int, page: int = 1, of: int = 1) -> Page:
    top = ("acme tools", f"invoice number {number}", f"page {page} of {of}")
    body = [f"{row} item {row}{number}  {row}.00" for row in range(5)]
    return page_of(*top, *body, number=page)


def letter(number: str) -> Page:
    """Return the first page of an invoice that counts no pages."""
    rows = [f"{row} bolts {row}.00" for row in range(1, 6)]
    head = ("ACME TOOLS GMBH", "80333 München", "INVOICE", f"Invoice-No. {number}")
    return page_of(*head, "Date 04.03.2024", *rows, "Total 15.00 EUR")


def rest() -> Page:
    """Return a page without a head, on which a table goes on and ends."""
    return page_of(*(f"{row} nuts {row}.00" for row in range(6, 12)), "Total 66.00 EUR")


def in_a_row(*pages: Page) -> tuple[Page, ...]:
    return tuple(replace(page, number=n) for n, page in enumerate(pages, 1))


def told(*pages: Page) -> dict[str, float]:
    *so_far, page = [facts(page) for page in pages]
    return signs(so_far, page, None)


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (("Seite 2 von 3",), (2, 3)),
        (("Page: 4",), (4, 0)),
        (("Página 1 de 2",), (1, 2)),
        (("invoice", "1 / 2"), (1, 2)),
        (("Strona 2 z 5",), (2, 5)),
        (("Str. 2/5",), (2, 5)),
        (("Pagina 1 van 2",), (1, 2)),
        (("Page No.: 3",), (3, 0)),
        (("第 2 页 共 3 页",), (2, 3)),
        (("Страница 1 из 4",), (1, 4)),
        (("terms", "- 3 -"), (3, 0)),
        (("Page 7", "Seite 2 von 3"), (2, 3)),
        (("12 / 2020", "total 3 of 4 boxes delivered"), None),
        (("Kumpelstr. 54, 12345 Berlin", "Inside 12 of 12"), None),
        (("Berliner Str. 12",), None),
        (("Seite 3/2",), None),
    ],
)
def test_page_numbers_are_read_in_many_languages(
    lines: tuple[str, ...], count: tuple[int, int] | None
) -> None:
    assert page_count(page_of(*lines)) == (Count(*count) if count else None)


def test_the_signs_tell_what_connects_two_pages() -> None:
    going_on = told(bill(4711, 1, 2), bill(4711, 2, 2))
    assert going_on["numbered as the next"] == going_on["the one before is not the last"] == 1
    assert going_on["numbers known"] == going_on["numbers agree"] == 1
    another = told(bill(4711), bill(8822))
    assert another["numbered as the first"] == another["the one before is the last"] == 1
    assert another["numbers differ"] == 1
    assert told(bill(4711), replace(bill(4711), width=842.0))["other paper"] == 1
    carried = page_of("carried forward 100.00", number=2)
    assert told(bill(4711), carried)["carried forward"] == 1


def test_a_page_without_a_head_is_told_from_one_with_it() -> None:
    first, second = letter("R-20240017"), rest()
    opened, bare = told(rest(), first), told(first, second)
    assert opened["title"] > 0
    assert opened["address"] == opened["numbers new"] == 1
    assert opened["no head"] == 0
    assert bare["no head"] == bare["no title"] == bare["rows go on"] == bare["summed before"] == 1
    assert told(first, second, letter("R-20240018"))["a head again"] == 1


def test_codes_of_a_table_are_not_the_documents() -> None:
    table = page_of("1 4012345001235 bolts 4.00", "2 4000050986428 nuts 5.00")
    assert facts(table).head_codes == frozenset()
    assert "R-20240017" in facts(letter("R-20240017")).head_codes


def test_every_sign_is_a_share_and_weighs_only_its_own_way() -> None:
    shown = told(letter("R-20240017"), rest(), letter("R-20240018"))
    assert all(0 <= share <= 1 for share in shown.values())
    packaged = boundaries.load()
    for name, way in SIGNS.items():
        assert way * packaged.weights[name] >= 0, name


def test_pages_without_page_numbers_are_cut_where_a_head_begins() -> None:
    pages = in_a_row(letter("R-20240017"), rest(), letter("R-20240018"), letter("R-20240019"))
    found = stacks.beginnings(pages, boundaries.load())
    assert [begins.index for begins in found] == [2, 3]
    assert all(begins.headed and begins.chance >= stacks.SURE for begins in found)


def test_blank_pages_belong_to_what_comes_before_them() -> None:
    blank = Page(2, 595.0, 842.0, ())
    pages = in_a_row(letter("R-20240017"), blank, letter("R-20240018"))
    assert [b.index for b in stacks.beginnings(pages, boundaries.load())] == [2]


def test_a_page_that_is_counted_on_never_begins_a_document() -> None:
    pages = in_a_row(bill(1111, 1, 3), bill(2222, 2, 3), bill(3333, 3, 3), bill(4444, 1, 3))
    always = Boundaries(dict.fromkeys(SIGNS, 0.0), 9.0)
    assert [begins.index for begins in stacks.beginnings(pages, always)] == [3]


def test_pages_without_measure_are_judged_by_their_beginning() -> None:
    endless = page_of("7" * 200_000, "page" + "." * 200_000 + "x", " ".join(["R-2024"] * 9_000))
    shown = facts(endless)
    assert len(shown.page.words) < 9_000
    assert max(len(word.text) for word in shown.page.words) <= 400
    assert shown.count is None
    assert stacks.beginnings(in_a_row(endless, endless), boundaries.load()) == []


def test_a_copy_that_counts_its_own_pages_is_a_document() -> None:
    pages = in_a_row(bill(1111), bill(1111), bill(2222, 1, 2), bill(2222, 2, 2))
    never = Boundaries(dict.fromkeys(SIGNS, 0.0), -9.0)
    assert [begins.index for begins in stacks.beginnings(pages, never)] == [1, 2]


def lessons() -> list[tuple[dict[str, float], bool]]:
    documents: list[Sequence[Page]] = []
    for n in range(8):
        number = 1000 + 137 * n
        documents.append([bill(number, 1, 3), bill(number, 2, 3), bill(number, 3, 3)])
    return list(stacks.lessons(documents, seed=3))


def test_documents_in_a_row_teach_what_goes_on_and_what_begins() -> None:
    taught = lessons()
    assert sum(not begins for _, begins in taught) == 16
    assert 8 <= sum(begins for _, begins in taught) <= 16


def test_weights_are_fitted_kept_and_never_of_the_wrong_way(tmp_path: Path) -> None:
    taught = lessons()
    found = boundaries.fitted([shown for shown, _ in taught], [begins for _, begins in taught])
    assert all((found.odds(shown) > 0) == begins for shown, begins in taught)
    assert found.weights["numbered as the first"] > 0 > found.weights["numbered as the next"]
    contrary = boundaries.fitted(
        [shown for shown, _ in taught], [not begins for _, begins in taught]
    )
    for name, way in SIGNS.items():
        assert way not in (BEGINS, GOES_ON) or way * contrary.weights[name] >= 0
    boundaries.save(found, tmp_path / "b.json")
    assert boundaries.load(tmp_path / "b.json") == found


def test_a_damaged_file_of_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text('{"start": 1, "weights": {}}')
    with pytest.raises(ConfigurationError, match="damaged"):
        boundaries.load(tmp_path / "b.json")


def test_the_engine_cuts_loose_readings_and_leaves_annexes_where_they_are(
    backbone: Backbone,
) -> None:
    network = fresh(backbone)
    engine = Engine(network, SMALL, "new")
    pages = in_a_row(letter("R-20240017"), rest(), letter("R-20240018"))
    stack = Reading("application/pdf", pages, loose=True)
    assert engine.stacks([stack]) == [(1, 3)]
    (found,) = engine.extract([stack])
    assert (found.starts, found.document_type, found.fields) == ((1, 3), "other", {})
    (whole,) = engine.extract([replace(stack, loose=False)])
    assert whole.starts == ()
    counted = in_a_row(bill(7100, 1, 2), bill(7100, 2, 2), bill(9944))
    untitled = in_a_row(*(_untitled(page) for page in counted))
    assert not any(facts(page).title for page in untitled)
    annex = Reading("application/pdf", untitled, loose=True)
    names = network.tasks["route"].names
    for kind, starts in (("other", ()), ("invoice", (1, 3))):
        with torch.no_grad():
            network.head.bias["route"].zero_()
            network.head.bias["route"][names.index(kind)] = 100
        assert engine.stacks([annex]) == [starts]


def _untitled(page: Page) -> Page:
    kept = tuple(word for word in page.words if word.text not in ("invoice", "number"))
    return replace(page, words=kept)
