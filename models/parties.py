"""Who is who: the names and addresses of a document's parties, chosen together.

A name stands on top of its address, and nobody sells to himself. Both are said here: among the
likeliest names and addresses of supplier and customer, and then of where the goods go and come
from, the assignment with the highest sum of log-odds wins; a name right above an address earns a
bonus, and supplier and customer share neither. The search is exhaustive over 5 options of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from doctally.pages import Box, Page
from models.blocks import Blocks
from models.decode import THRESHOLD, Option
from models.odds import logistic, odds
from models.tasks import PARTIES

BOND = 1.0  # log-odds that a name and the address below it are one party's
NONE = odds(THRESHOLD)  # what an option must beat
_LINES = 3.2  # lines between a name and its address at most: a contact, a department
_FLUSH = 0.02  # of the page's width

HEADING = 0.25
"""How likely the line on top of a party's address is its name, where the model sees none."""
_MOST_WORDS = 6  # of a name
_PERSONS = frozenset(
    {
        *("att", "attention", "attn", "c/o", "dhr", "frau", "herr", "herrn", "mevr", "mlle", "mme"),
        *("monsieur", "mr", "mrs", "ms", "pan", "pani", "sig", "signor", "sr", "sra", "z", "zhd"),
    }
)
"""What a line begins with that says who is to read it, between a firm and its address."""

Pair = tuple[Option | None, Option | None]


def with_headings(
    found: Mapping[str, Sequence[Option]], pages: Sequence[Page], blocks: Sequence[Blocks]
) -> dict[str, Sequence[Option]]:
    """Return the options with what stands on top of likely addresses as names of their parties."""
    added = {}
    for party in PARTIES:
        names = list(found.get(f"{party}_name", ()))
        for address in found.get(f"{party}_address", ()):
            if address.score < THRESHOLD:
                continue
            heading = _heading(address, pages[address.page], blocks[address.page])
            if heading is None:
                continue
            known = [n for n, name in enumerate(names) if name.value == heading.value]
            for n in known:
                names[n] = replace(names[n], score=max(names[n].score, HEADING))
            if not known:
                names.append(heading)
        if names:
            added[f"{party}_name"] = sorted(names, key=lambda o: -o.score)
    return {**found, **added}


def _heading(address: Option, page: Page, blocks: Blocks) -> Option | None:
    """Return the line on top of an address, a number or a person between left out, if a name."""
    number = blocks.segment_of[address.word]
    if blocks.segments[number].start != address.word:
        return None
    while True:
        above = [n for n in range(number) if blocks.below[n] == number]
        if len(above) != 1 or abs(blocks.boxes[above[0]].x0 - blocks.boxes[number].x0) > _FLUSH:
            return None
        number = above[0]
        words = [page.words[i].text for i in blocks.segments[number]]
        if not all(map(str.isdigit, words)) and words[0].casefold().rstrip(".:") not in _PERSONS:
            break
    text = " ".join(words)
    if len(words) > _MOST_WORDS or any(c.isdigit() or c in ":;@" for c in text):
        return None
    box = blocks.boxes[number]
    places = ((address.page, box),)
    first = blocks.segments[number].start
    return Option(text, HEADING, text, address.page, box, places, first)


def settle(found: Mapping[str, Sequence[Option]]) -> dict[str, Option]:
    """Return the chosen names and addresses of the parties."""
    pairs = {
        party: _pairs(found.get(f"{party}_name", ()), found.get(f"{party}_address", ()))
        for party in PARTIES
    }
    supplier, customer = max(
        (
            (ours, theirs)
            for ours, theirs in product(pairs["supplier"], pairs["customer"])
            if not _share(ours[1], theirs[1])
        ),
        key=lambda two: two[0][0] + two[1][0],
    )
    chosen = {
        "supplier": supplier,
        "customer": customer,
        "ship_to": max(pairs["ship_to"], key=lambda p: p[0]),
        "ship_from": max(pairs["ship_from"], key=lambda p: p[0]),
    }
    settled = {}
    for party, (_, (name, address)) in chosen.items():
        together = name is not None and address is not None and bonded(name, address)
        for part, option in (("name", name), ("address", address)):
            if option is not None:
                score = logistic(odds(option.score) + (BOND if together else 0.0))
                settled[f"{party}_{part}"] = replace(option, score=score)
    return settled


def bonded(name: Option, address: Option) -> bool:
    """Tell whether the name stands right above, or right before, the address somewhere."""
    return any(
        page == other and _above(box, place)
        for (page, box), (other, place) in product(name.places, address.places)
    )


def _above(name: Box, address: Box) -> bool:
    height = name.y1 - name.y0
    gap = address.y0 - name.y1
    if gap < -0.6 * height:  # on one line: "Firm Ltd, 1 Road, Town"
        return -0.002 <= address.x0 - name.x1 < 0.03 and abs(address.y0 - name.y0) < height
    flush = min(
        abs(address.x0 - name.x0),
        abs(address.x1 - name.x1),
        abs(address.x0 + address.x1 - name.x0 - name.x1) / 2,
    )
    return gap <= _LINES * height and flush < _FLUSH


def _pairs(names: Sequence[Option], addresses: Sequence[Option]) -> list[tuple[float, Pair]]:
    """Return every pair of a name and an address, either may be missing, with its merit."""
    found: list[tuple[float, Pair]] = []
    for name, address in product((None, *names), (None, *addresses)):
        merit = sum(NONE if o is None else odds(o.score) for o in (name, address))
        if name is not None and address is not None and bonded(name, address):
            merit += BOND
        found.append((merit, (name, address)))
    return found


def _share(ours: Pair, theirs: Pair) -> bool:
    return any(
        a is not None and b is not None and a.value == b.value
        for a, b in zip(ours, theirs, strict=True)
    )
