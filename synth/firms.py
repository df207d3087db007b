"""Firms and how papers spell them: other legal forms, slips, initials, other keyboards.

Written without a look at how names are compared; seeded.
"""

from __future__ import annotations

from dataclasses import dataclass

from synth.dice import Dice

_WORDS = (
    "Alpen Nord Berg Stahl Holz Glas Licht Werk Rhein Elbe Donau Hansa Atlas Orion Delta Omega "
    "Prisma Vektor Quanta Terra Aqua Solar Metall Kunst Papier Druck Labor Medi Agrar Auto Bau "
    "Elektro Tele Data Logi Trans Cargo Euro Inter Uni Multi Poly Mono Kilo Nova Vita Forma Linea"
)
_TRADES = (
    "Technik Handel Systeme Service Logistik Vertrieb Maschinen Werkzeuge Möbel Großhandel "
    "Supplies Trading Solutions Partners Industries Foods Packaging Équipement Forniture Comercial"
)
_NAMES = "Müller Schröder Weiß Jäger Köhler García Lefèvre Rossi Novák Jensen O'Brien Smith"
_FORMS = ("GmbH", "AG", "GmbH & Co. KG", "Ltd", "Inc.", "S.r.l.", "SARL", "B.V.", "Sp. z o.o.",
          "A/S", "S.L.", "LLC", "e.K.", "OHG")  # fmt: skip
_TOWNS = (
    "Kiel", "Ulm", "Bonn", "Lyon", "Turin", "Gent", "Malmö", "Brno", "Leeds", "Cork", "Porto",
    "Graz",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm with what identifies it; some values are unknown to the master data."""

    name: str
    tax_id: str
    iban: str
    domain: str
    address: str


def firms(dice: Dice, count: int) -> list[Firm]:
    """Return firms with different names; many share a word with others."""
    found: dict[str, Firm] = {}
    words, trades, people = _WORDS.split(), _TRADES.split(), _NAMES.split()
    while len(found) < count:
        if dice.chance(0.3):
            stem = f"{dice.pick(people)} {dice.pick(trades)}"
        else:
            stem = f"{dice.pick(words)}{dice.pick(words).lower()} {dice.pick(trades)}"
        if dice.chance(0.25):
            stem += f" {dice.pick(_TOWNS)}"
        if stem in found:
            continue
        found[stem] = Firm(
            f"{stem} {dice.pick(_FORMS)}",
            dice.shape("DE999999999"),
            dice.shape("DE99999999999999999999"),
            stem.split()[0].lower().replace("'", "") + dice.digits(2) + ".example",
            f"{dice.pick(words)}straße {dice.randint(1, 99)}, {dice.digits(5)} {dice.pick(_TOWNS)}",
        )
    return list(found.values())


def respelt(dice: Dice, name: str) -> str:
    """Return the name as a paper may print it."""
    text = name
    for form in sorted(_FORMS, key=len, reverse=True):
        if text.endswith(f" {form}") and dice.chance(0.45):
            text = text.removesuffix(f" {form}")
            break
    if dice.chance(0.3):
        for plain, other in (("ü", "ue"), ("ö", "oe"), ("ä", "ae"), ("ß", "ss"), ("É", "E")):
            text = text.replace(plain, other)
    if dice.chance(0.2):
        text = text.replace("&", "und" if dice.chance(0.5) else "+").replace("GmbH", "G.m.b.H.")
    if dice.chance(0.2):
        place = dice.randint(1, len(text) - 2)
        kind = dice.randint(0, 2)
        if kind == 0:
            text = text[:place] + text[place + 1 :]
        elif kind == 1:
            text = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        else:
            text = text.replace("l", "1", 1) if "l" in text else text[:place] + text[place:]
    if dice.chance(0.3):
        text = text.upper()
    return text if dice.chance(0.85) else text.replace(" ", "  ").strip() + ","
