"""Old against new: a bank's numbers are kept only where nothing important got worse."""

from __future__ import annotations

from doctally.pages import Reading
from doctally.results import Extraction, FieldValue
from models.judging import verdict
from models.lessons import Lesson
from models.trial import Sheet, by_field, compare, sheet


def sheets(*documents: str, field: str = "total_gross") -> list[Sheet]:
    """Return a sheet per text, a field per letter: r is right, w is wrong."""
    return [
        {(field if not n else f"{field}{n}"): letter == "r" for n, letter in enumerate(text)}
        for text in documents
    ]


def value(text: str) -> FieldValue:
    return FieldValue(text, 1.0)


def test_a_sheet_says_what_a_person_would_have_to_touch() -> None:
    lesson = Lesson(
        1,
        Reading("application/pdf"),
        "invoice",
        {"document_number": value("4711"), "total_gross": value("10.00")},
        ({"quantity": value("2"), "description": value("bolts")},),
        doubtful=frozenset({("currency", None)}),
    )
    fields = {"total_gross": value("10.0"), "order_number": value("9"), "currency": value("EUR")}
    found = Extraction("receipt", 0.9, fields, ({"quantity": value("2")},))
    assert sheet(lesson, found) == {
        "document_type": False,
        "document_number": False,
        "total_gross": True,
        "order_number": False,
        "quantity:1": True,
        "description:1": False,
    }


def test_a_clear_gain_is_kept_and_no_gain_is_not() -> None:
    gain = compare("all", sheets("wr", "wr", "ww"), sheets("rr", "rr", "rw"))
    assert (gain.old_wrong, gain.new_wrong, gain.better, gain.worse) == (4, 1, 3, 0)
    assert verdict(gain, [gain], []) == (True, "4 wrong values before, 1 after")
    same = compare("all", sheets("wr", "rw"), sheets("rw", "wr"))
    kept, why = verdict(same, [], [])
    assert not kept and "not better" in why


def test_a_group_that_surely_lost_keeps_the_old_whatever_the_others_gain() -> None:
    gain = compare("all", sheets(*["wwww"] * 20), sheets(*["rrrr"] * 20))
    lost = compare("Muster", sheets(*["rr"] * 8), sheets(*["rw"] * 8))
    assert lost.got_worse and lost.p_worse < 0.01
    assert verdict(gain, [lost], []) == (False, "worse: Muster")


def test_a_loss_that_chance_may_bring_is_no_reason() -> None:
    gain = compare("all", sheets(*["wr"] * 9), sheets(*["rr"] * 9))
    chance = compare("Muster", sheets("rr", "rr", "wr"), sheets("rw", "rr", "rr"))
    assert not chance.got_worse
    assert verdict(gain, [chance], [])[0]


def test_a_field_that_surely_lost_keeps_the_old() -> None:
    old = sheets(*["r"] * 9, field="supplier_iban") + sheets(*["www"] * 9)
    new = sheets(*["w"] * 9, field="supplier_iban") + sheets(*["rrr"] * 9)
    fields = by_field(old, new)
    assert {f.group: f.got_worse for f in fields}["supplier_iban"]
    kept, why = verdict(compare("all", old, new), [], fields)
    assert not kept and "supplier_iban" in why


def test_one_document_says_nothing_for_sure() -> None:
    assert not compare("one", sheets("rr"), sheets("ww")).got_worse
