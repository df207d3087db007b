"""How well the events of tracking pages are read: generated pages, seeded, the truth beside them.

    python benchmarks/histories.py [--pages 120] [--seed 1] [--wrong]

The pages (``synth/families/tracking.py``) are tables of events in eight languages, by columns in
any order, among facts, mail heads and small print. Found: an event with its time. State, place:
right of those found. Extra: events that the page does not tell.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from unittest.mock import patch

from doctally.settings import load_settings
from doctally.values import infer_locale
from extractors.read import read
from models.backbone import load_backbone
from models.history import Judge, history_of
from models.states import load_judge
from synth.deal import make_deal
from synth.dice import Dice
from synth.families import tracking
from synth.families.events import Event
from synth.regions import regions


def main() -> None:
    """Print recall of events, states and places, and what was made up."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    options = parser.parse_args()
    judge = load_judge(load_backbone(load_settings().backbone))
    if judge is None:
        raise SystemExit("no judge of states is packaged")
    tally: Counter[str] = Counter()
    for number in range(options.pages):
        pdf, truth = page(options.seed, number)
        compare(pdf, truth, judge.answers, tally, wrong=options.wrong)
    found = max(tally["found"], 1)
    print(f"{tally['pages']} pages, {tally['events']} events: found "
          f"{tally['found'] / max(tally['events'], 1):.3f}, of these state right "
          f"{tally['state'] / found:.3f}, left open {tally['silent'] / found:.3f}, "
          f"place right {tally['place'] / found:.3f}; "
          f"{tally['extra']} made up")  # fmt: skip


def page(seed: int, number: int) -> tuple[bytes, list[Event]]:
    """Return a page and the events of its table, none where it has no table."""
    dice = Dice(f"histories-{seed}-{number}")
    deal = make_deal(dice, "shipment_status", dice.pick(regions()), goods="office")
    drawn: list[Event] = []
    whole = tracking.table
    with patch.object(tracking, "table", lambda f, e: (drawn.extend(e), whole(f, e))[1]):
        paper = tracking.draw(dice, deal)
    return paper.ink.pdf(), drawn


def compare(
    pdf: bytes, truth: list[Event], judge: Judge, tally: Counter[str], *, wrong: bool
) -> None:
    """Add what was found of a page to the tally."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.pdf"
        path.write_bytes(pdf)
        reading = read(path)
    found = history_of(reading.pages, infer_locale(reading.text), judge)
    left = {event.when[:16]: event for event in found}
    tally["pages"] += 1
    tally["events"] += len(truth)
    for event in truth:
        told = left.pop(event.when.isoformat()[:16], None)
        tally["found"] += told is not None
        if told is not None:
            tally["state"] += told.state == event.state
            tally["silent"] += not told.state
            tally["place"] += told.place == event.place
        if wrong and (told is None or (told.state, told.place) != (event.state, event.place)):
            print("told", told, "\n  true", event)
    tally["extra"] += len(left)
    if wrong and left:
        print("made up", *left.values())


if __name__ == "__main__":
    main()
