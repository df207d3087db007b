"""A supplier is known by its number, its name or its first page; in doubt by nothing."""

from __future__ import annotations

import json

from tiny import page_of

from doctally.pages import Box, Page, Reading, Word
from models.marks import Marks, distinct, face, known_by, recognise
from synth.house import house_paper

NUMBER = "DE 123456789"


def paper(*lines: str) -> Reading:
    return Reading("application/pdf", (page_of(*lines),))


HEAD = ("Muster Handels GmbH    invoice", "number   date   customer", "our number: ")
OTHER = paper("Other Works Ltd", "some quite other words", "on another sort of page")


def papers(count: int) -> list[Reading]:
    return [paper(*HEAD, f"total {n}.00", f"VAT {NUMBER}") for n in range(count)]


def test_a_number_of_its_own_says_who_it_is() -> None:
    marks = {"muster": known_by([NUMBER], [], papers(1))}
    assert recognise(face(paper("quite another page", "VAT DE123456789")), marks) == "muster"
    assert recognise(face(OTHER), marks) is None


def test_a_number_that_others_print_too_says_nothing() -> None:
    ours = "DE987654321"
    with_ours = [paper(*HEAD, f"to: {ours}"), paper("Other Works", f"for {ours}")]
    faces = {"muster": [face(with_ours[0])], "other": [face(with_ours[1])]}
    marks = {
        "muster": known_by([ours], ["Muster Handels GmbH"], with_ours[:1]),
        "other": known_by([], ["Other Works"], with_ours[1:]),
    }
    marks = distinct(marks, faces)
    assert not marks["muster"].numbers
    assert recognise(face(paper("a third company", f"for {ours}")), marks) is None
    assert recognise(face(with_ours[0]), marks) == "muster"


def test_a_name_alone_is_not_enough() -> None:
    marks = {"muster": known_by([], ["Muster Handels GmbH"], papers(2))}
    assert recognise(face(papers(3)[2]), marks) == "muster"
    order = paper("Order", "please supply", "to: Muster Handels GmbH", "ten bolts")
    assert recognise(face(order), marks) is None


def test_without_number_and_name_the_first_page_decides() -> None:
    marks = {"someone": known_by([], [], papers(2))}
    assert recognise(face(papers(3)[2]), marks) == "someone"
    assert recognise(face(OTHER), marks) is None


def test_a_scan_that_is_a_little_off_is_known_all_the_same() -> None:
    (page,) = papers(1)[0].pages
    moved = [
        Word(w.text, Box(w.box.x0 + 0.01, w.box.y0 + 0.02, w.box.x1 + 0.01, w.box.y1 + 0.02))
        for w in page.words
    ]
    marks = {"someone": known_by([], [], papers(2))}
    scan = Reading("image/png", (Page(1, page.width, page.height, tuple(moved)),))
    assert recognise(face(scan), marks) == "someone"


def test_marks_come_back_from_their_file() -> None:
    marks = known_by([NUMBER], ["Muster Handels GmbH"], papers(2))
    assert marks.spots
    told = json.loads(json.dumps(marks.as_json()))
    again = Marks.from_json(told)
    assert (again.numbers, again.names) == (marks.numbers, marks.names)
    assert recognise(face(papers(1)[0]), {"muster": again}) == "muster"


def test_papers_of_a_house_look_alike_and_tell_other_facts() -> None:
    first, second = (house_paper(7, 0, index).labels("a.pdf") for index in range(2))
    other = house_paper(7, 1, 0).labels("a.pdf")
    names = ("supplier_name", "supplier_address")
    assert [first["fields"][n] for n in names] == [second["fields"][n] for n in names]
    assert first["fields"]["document_number"] != second["fields"]["document_number"]
    assert first["fields"]["supplier_name"] != other["fields"]["supplier_name"]
    left = {n: boxes[0][0][1] for n, boxes in first["boxes"].items()}
    shared = [n for n in left if n in second["boxes"] and n.startswith("supplier")]
    assert shared
    assert all(abs(left[n] - second["boxes"][n][0][0][1]) < 0.02 for n in shared)
