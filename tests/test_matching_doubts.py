"""Lines that neither code nor text decides: a judge from outside is asked, once, and only then."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from test_matching import BOLTS, HAMMER, bill, delivery, line, order

from doctally.errors import ConfigurationError
from doctally.matching import Line, reconcile
from flows.opinion import BankJudge

CLEANER, VACUUM = line(1, "steam cleaner for floors", "3"), line(2, "vacuum cleaner, bagless", "3")
RENAMED = (line(1, "VX-100 silver edition", "3"), line(2, "SC2 DeLuxe EasyFix", "3"))
SAME = {
    ("VX-100 silver edition", CLEANER.text): 0.04,
    ("VX-100 silver edition", VACUUM.text): 0.91,
    ("SC2 DeLuxe EasyFix", CLEANER.text): 0.88,
    ("SC2 DeLuxe EasyFix", VACUUM.text): 0.07,
}


class Judge:
    """Knows which names are one article's, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Sequence[tuple[Line, Line]]] = []

    def __call__(self, pairs: Sequence[tuple[Line, Line]]) -> list[float]:
        self.asked.append(pairs)
        return [SAME[one.text, other.text] for one, other in pairs]


def places(papers: list[Any], paper: str, **more: Any) -> dict[int, int]:
    verdict = reconcile(papers, **more).verdict(paper)
    return {m.line: m.order_line for m in verdict.lines if m.kind == "item"}


def test_articles_under_other_names_are_found_by_the_judge() -> None:
    papers = [order(CLEANER, VACUUM), delivery("dn", *RENAMED)]
    assert places(papers, "dn") == {}
    judge = Judge()
    assert places(papers, "dn", judge=judge) == {1: 2, 2: 1}
    assert len(judge.asked) == 1


def test_clear_lines_are_never_asked_about() -> None:
    judge = Judge()
    coded = [line(1, "any words", "5", code="AB-1234"), line(2, "others", "5", code="CD-5678")]
    told = [line(1, "quite", "5", code="CD 5678"), line(2, "different", "5", code="AB1234")]
    assert places([order(*coded), delivery("dn", *told)], "dn", judge=judge) == {1: 2, 2: 1}
    papers = [order(BOLTS, HAMMER), delivery("dn", HAMMER, BOLTS), bill("re", BOLTS, HAMMER)]
    assert places(papers, "re", judge=judge) == {1: 1, 2: 2}
    assert judge.asked == []


def test_a_judge_without_an_opinion_changes_nothing() -> None:
    papers = [order(CLEANER, VACUUM), delivery("dn", *RENAMED), bill("re", *RENAMED)]
    plain = reconcile(papers)
    assert reconcile(papers, judge=lambda pairs: [0.0] * len(pairs)) == plain


def engine(same: Any, *tasks: str) -> Any:
    return SimpleNamespace(tasks=frozenset(tasks), same=same)


def test_the_bank_is_asked_where_it_knows_the_task_and_no_more_than_allowed() -> None:
    pairs = [(CLEANER, VACUUM)] * 5
    knows = engine(lambda asked: [0.7] * len(asked), "match")
    assert BankJudge(lambda: knows, at_most=3)(pairs) == [0.7, 0.7, 0.7, 0.0, 0.0]
    assert BankJudge(lambda: engine(None, "route"), at_most=3)(pairs) == [0.0] * 5


def test_what_the_bank_is_shown_of_a_line() -> None:
    shown: list[Any] = []
    same = lambda asked: shown.extend(asked) or [0.5] * len(asked)  # noqa: E731
    one = line(1, "hose 2 m", "4", "8.50", code="H-2", unit="box")
    BankJudge(lambda: engine(same, "match"), at_most=9)([(one, VACUUM)])
    record = shown[0].left
    assert (record.title, record.rest, record.price) == ("hose 2 m H-2", "box", 8.5)
    assert shown[0].right.price is None


@pytest.mark.parametrize("fault", [ConfigurationError("no bank"), RuntimeError("out of memory")])
def test_a_bank_that_fails_costs_no_matching(fault: Exception) -> None:
    def broken() -> Any:
        raise fault

    papers = [order(CLEANER, VACUUM), delivery("dn", *RENAMED)]
    judge = BankJudge(broken, at_most=9)
    assert reconcile(papers, judge=judge) == reconcile(papers)
