"""House styles: fonts, sizes, colours and formats of one document, drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

from synth import fonts
from synth.deal import Deal
from synth.dice import Dice
from synth.ink import BLACK, Colour, Face

_ACCENTS: tuple[Colour, ...] = (
    (0.1, 0.25, 0.5),
    (0.6, 0.1, 0.1),
    (0.0, 0.4, 0.3),
    (0.85, 0.45, 0.0),
    (0.2, 0.2, 0.2),
    (0.35, 0.15, 0.45),
    (0.0, 0.5, 0.65),
    (0.45, 0.45, 0.45),
    (0.1, 0.5, 0.1),
    (0.75, 0.1, 0.35),
)


@dataclass(slots=True)
class Style:
    """The house style of one document."""

    body: Face
    small: Face
    head: Face
    title: Face
    accent: Colour
    date: str
    number: str
    sign: str
    sign_place: str
    caption_end: str
    caption_case: str
    caption_bold: bool
    value_bold: bool
    iban_groups: bool
    margin: float
    uppercase: bool = False


def font_case(dice: Dice, language: str, *, mono: float = 0.08) -> fonts.FontCase:
    """Return a font design; Polish takes a TrueType font where there is one."""
    found = () if dice.base_fonts else fonts.truetype()
    if found and (language == "pl" or dice.chance(0.22)):
        wanted = [case for case in found if case.mono is (dice.random() < mono)] or list(found)
        return dice.pick(wanted)
    return dice.choices(fonts.BASE, (0.72, 0.2, mono))[0]


def make_style(dice: Dice, deal: Deal, *, size: float = 0, mono: float = 0.08) -> Style:
    """Return a random house style that fits the deal's region."""
    region = deal.region
    case = font_case(dice, deal.language, mono=mono)
    size = (
        size
        or dice.choices((7, 7.5, 8, 8.5, 9, 9.5, 10, 10.5, 11), (4, 4, 12, 10, 22, 12, 24, 7, 5))[0]
    )
    stretch = 100 if dice.chance(0.93) else dice.randint(84, 97)
    body = Face(case, size, stretch=stretch)
    head = Face(
        font_case(dice, deal.language) if dice.chance(0.1) else case,
        size,
        bold=True,
        stretch=stretch,
    )
    accent = dice.pick(_ACCENTS) if dice.chance(0.65) else BLACK
    upright = dice.chance(0.75)
    return Style(
        body=body,
        small=body.but(size=max(5.5, size - dice.pick((1, 1.5, 2, 2.5)))),
        head=head,
        title=head.but(
            size=size + dice.pick((2, 4, 5, 6, 8, 10, 12, 16)),
            bold=dice.chance(0.85),
            colour=accent if dice.chance(0.5) else BLACK,
        ),
        accent=accent,
        date=dice.pick(region.dates),
        number=dice.pick(region.numbers),
        sign=dice.pick(region.signs),
        sign_place=_sign_place(dice, region.code),
        caption_end=dice.choices((":", "", " :", ": "), (60, 30, 6, 4))[0],
        caption_case="plain" if upright else dice.pick(("upper", "upper", "lower")),
        caption_bold=dice.chance(0.3),
        value_bold=dice.chance(0.12),
        iban_groups=dice.chance(0.7),
        margin=dice.pick((28, 36, 36, 40, 45, 50, 55, 57, 60, 70)),
    )


def _sign_place(dice: Dice, code: str) -> str:
    if code in {"US", "GB", "AU", "CA", "SG"}:
        return dice.choices(("glued", "none", "before", "after"), (60, 26, 9, 5))[0]
    if code in {"MY", "BR", "CH"}:
        return dice.choices(("glued", "none", "before", "after"), (15, 40, 40, 5))[0]
    return dice.choices(("after", "none", "before", "glued after", "glued"), (48, 34, 10, 4, 4))[0]
