"""Units of measure: how many of the other's units one of ours is (each, box of 12, kg, ...).

What a package holds is read from the unit (``box of 12``, ``12er Karton``) or from the line's
text. Where neither says it, ``inferred`` finds the whole number that explains price and quantity.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from doctally.matching.papers import Line

ONE = Decimal(1)
LARGEST_PACK = 1000
_NEAR = Decimal("0.005")

_NAMES: Mapping[str, str] = {
    "each 1": "each ea pc pcs pce piece pieces stk stck stuck stueck st unit units u un uds ud "
    "unidad "
    "unidades pieza pza pz pezzo pezzi szt h87 c62 nar stuk stuks nr no x item items",
    "pack 1": "box boxes bx pack packs pk pkt pkg packet package case cases cs ctn carton cartons "
    "karton kartons krt kart ve packung pckg boite bte colis paquet caja cajas paq scatola conf "
    "doos "
    "confezione op opak bag bags sack roll rolls rolle set sets bundle tray palette pallet pal "
    "xbx xpk "
    "xct xcs cx gebinde bund rol rouleau lot",
    "each 2": "pair pairs paar paire pr",
    "each 12": "dz doz dozen dzn dutzend douzaine",
    "each 100": "cen hundred hd",
    "each 1000": "mil thousand tsd",
    "g 1": "g gr gram grams gramm grm",
    "g 1000": "kg kgs kilo kilos kilogram kgm",
    "g 1000000": "t to ton tonne tonnes tonnen tne",
    "g 453.59237": "lb lbs pound pounds lbr",
    "ml 1": "ml mlt",
    "ml 10": "cl clt",
    "ml 1000": "l lt ltr liter litre litres litros",
    "ml 1000000": "m3 cbm mtq",
    "mm 1": "mm mmt",
    "mm 10": "cm cmt",
    "mm 1000": "m mtr meter metre metres lfm",
    "mm 1000000": "km kmt",
    "mm 304.8": "ft foot feet",
    "m2 1": "m2 qm sqm mtk",
    "min 1": "min minute minutes",
    "min 60": "h hr hrs hour hours std stunde stunden heure heures hur hora horas",
    "day 1": "d day days tag tage jour jours",
}
_MEASURES: Mapping[str, tuple[str, str]] = {
    name: (meaning.split()[0], meaning.split()[1])
    for meaning, names in _NAMES.items()
    for name in names.split()
}
_WORD = re.compile(r"[^\W\d_]+(?:[23](?!\d))?\.?")
_COUNT = re.compile(
    r"(?:of|a|with|mit|de|da|di|von|zu|per|je|/|\(|x|:|=)?\s*(\d{1,4})(?:\s*(?:er|pcs|stk|st|ea|x)\b)?"
)
_IN_TEXT = re.compile(
    r"(?:pack|box|case|carton|karton|ve|pk|set|packung|boite|paquet|caja|bag)\s*"
    r"(?:of|a|zu|mit|de|von|/|:|\()\s*(\d{1,4})\b"
    r"|\b(\d{1,4})\s*(?:er[- ]?(?:pack|karton|ve|set)|(?:pcs|stk|pieces|ea|stuck)"
    r"\s*(?:/|per|je|pro)\s*(?:box|pack|pk|ctn|carton|karton|case|ve))"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit as a multiple of its base; base "" when nobody said, "?" when not understood.

    "pack" is a package of which nobody says what it holds.
    """

    base: str
    factor: Decimal = ONE


@lru_cache(maxsize=100_000)
def measure(unit: str, text: str = "") -> Measure:
    """Return what a printed unit means; the line's text may say what a package holds."""
    plain = _plain(unit)
    if not plain:
        return Measure("")
    words = [word.rstrip(".") for word in _WORD.findall(plain)]
    name = next((word for word in words if word in _MEASURES), "")
    base, factor = _MEASURES.get(plain, _MEASURES.get(name, ("?", "1")))
    sized = base == "pack" or (base == "each" and factor == "1")
    if sized and (plain not in _MEASURES or base == "pack"):
        size = _size(plain) or (_size_in(text) if base == "pack" else None)
        if size:
            return Measure("each", Decimal(size))
    return Measure(base, Decimal(factor))


def ratio(ours: Line, theirs: Line) -> Decimal | None:
    """Return how many of their units one of ours is; None where they cannot be compared."""
    a, b = measure(ours.unit, ours.text), measure(theirs.unit, theirs.text)
    if a.base == b.base and a.base not in ("pack", "?", ""):
        return a.factor / b.factor
    loose = ("", "?")
    counted = ("pack", "each", *loose)
    if a.base in counted and b.base in counted and (found := inferred(ours, theirs)) is not None:
        return found
    if a.base == b.base or a.base in loose or b.base in loose:
        return ONE
    return None


def inferred(ours: Line, theirs: Line) -> Decimal | None:
    """Return the whole number (or one over it) that turns their price into ours, if any.

    Only where our quantity, so converted, is not more than theirs.
    """
    mine, other = ours.each, theirs.each
    if not mine or not other or ours.quantity is None or theirs.quantity is None:
        return None
    times = mine / other
    if abs(times - 1) <= _NEAR:
        return ONE
    whole = times if times > 1 else 1 / times
    nearest = whole.to_integral_value()
    if not 2 <= nearest <= LARGEST_PACK or abs(whole / nearest - 1) > _NEAR:
        return None
    found = nearest if times > 1 else 1 / nearest
    fits = abs(ours.quantity) * found <= abs(theirs.quantity) * (1 + _NEAR)
    differs = _plain(ours.unit) != _plain(theirs.unit) or not ours.unit
    return found if fits and differs else None


@lru_cache(maxsize=100_000)
def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold().replace("²", "2").replace("³", "3"))
    return "".join(c for c in folded if not unicodedata.combining(c)).strip()


def _size(plain: str) -> int | None:
    found = [int(m.group(1)) for m in _COUNT.finditer(plain) if int(m.group(1)) > 1]
    return found[0] if len(found) == 1 else None


def _size_in(text: str) -> int | None:
    match = _IN_TEXT.search(_plain(text))
    return int(match.group(1) or match.group(2)) if match else None
