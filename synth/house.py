"""Houses: suppliers that print all their papers alike, each with other facts.

A paper's layout is drawn by many decisions of one generator; here each decision has a stream of
its own, found by where in the code it is made and for which field. So a decision that one paper
does not have to make changes no other, and every paper of a house looks like its sisters.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from random import Random

from synth.deal import Deal, make_deal, region_for
from synth.dice import Dice
from synth.families import adbuy, commerce, forms
from synth.paper import Paper

_HERE = str(Path(__file__).parent)
_OWN = (__file__, str(Path(__file__).with_name("dice.py")))
_NAMED = ("key", "name", "part", "kind")
_NUMBERS = (
    "document_number",
    "order_number",
    "sales_order_number",
    "delivery_note_number",
    "contract_number",
    "customer_number",
    "bill_of_lading_number",
)
KINDS: Mapping[str, float] = {"invoice": 60, "purchase_order": 20, "shipment_notice": 20}


class Habit(Dice):
    """Dice that fall alike whenever the same decision is made about the same field."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self._seed_text = seed
        self._streams: dict[str, Random] = {}

    def random(self) -> float:
        """Return the decision's next number in [0, 1)."""
        return self._stream().random()

    def getrandbits(self, k: int, /) -> int:
        """Return the decision's next ``k`` bits."""
        return self._stream().getrandbits(k)

    def _stream(self) -> Random:
        where = _decision()
        if where not in self._streams:
            self._streams[where] = Random(f"{self._seed_text}|{where}")
        return self._streams[where]


def _decision() -> str:
    """Return where in the code of this package we are, and about which field."""
    found = []
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(_HERE) and code.co_filename not in _OWN:
            said = [frame.f_locals.get(name) for name in _NAMED]
            about = ",".join(s for s in said if isinstance(s, str))
            found.append(f"{Path(code.co_filename).name}:{frame.f_lineno}:{about}")
        frame = frame.f_back  # type: ignore[assignment]  # the outermost frame has none
    return "<".join(found)


def house_paper(seed: int, house: int, index: int) -> Paper:
    """Return paper ``index`` of a house: its sisters' layout and supplier, facts of its own."""
    founder = Dice(f"doctally:house:{seed}:{house}")
    kind = founder.weighted(KINDS)
    region = region_for(founder, kind)
    first = make_deal(founder, kind, region)
    dice = Dice(f"doctally:house:{seed}:{house}:{index}")
    deal = make_deal(dice, kind, region, goods=first.goods)
    deal.supplier, deal.language = first.supplier, first.language
    for name, fact in first.facts.items():
        if name.startswith("supplier_"):
            deal.facts[name] = fact
    for name in [n for n in deal.facts if n.startswith("supplier_") and n not in first.facts]:
        del deal.facts[name]
    _numbers(dice, deal, first)
    habit = Habit(f"doctally:house:{seed}:{house}:habit")
    if region.code == "US" and kind in {"invoice", "purchase_order"} and founder.chance(0.38):
        return adbuy.draw(habit, deal)
    if founder.chance(0.16):
        return forms.draw(habit, deal)
    return commerce.draw(habit, deal)


def _numbers(dice: Dice, deal: Deal, first: Deal) -> None:
    """Give the deal's numbers the shape of the house's: the same letters, other figures."""
    for name in _NUMBERS:
        shape = first.facts.get(name)
        if isinstance(shape, str) and name in deal.facts:
            deal.facts[name] = "".join(
                dice.pick("123456789") if c.isdigit() and c != "0" else c for c in shape
            )
    for line in deal.lines:
        line.order_number = str(deal.facts["order_number"])
    terms = first.facts["payment_terms"]
    due, day = first.facts["due_date"], first.facts["issue_date"]
    if isinstance(due, date) and isinstance(day, date) and isinstance(deal.day, date):
        deal.facts["payment_terms"] = terms
        deal.facts["due_date"] = deal.day + (due - day)
