"""Till rolls: narrow paper, a receipt printer's type, lines one below the other."""

from __future__ import annotations

from dataclasses import replace

from synth import fonts
from synth.deal import Deal
from synth.dice import Dice
from synth.ink import Align, Face, Run, plain
from synth.paper import Paper
from synth.style import Style, font_case, make_style


def till_style(dice: Dice, deal: Deal) -> Style:
    """Return a style of a receipt printer."""
    style = make_style(dice, deal, size=dice.pick((6.5, 7, 7.5, 8, 8.5, 9, 10)))
    found = (
        ()
        if dice.base_fonts
        else [
            case
            for case in fonts.truetype()
            if case.mono or "Narrow" in case.regular or "Condensed" in case.regular
        ]
    )
    case = fonts.BASE[2]
    if found and (dice.chance(0.35) or deal.language == "pl"):
        case = dice.pick(found)
    elif dice.chance(0.4):
        case = font_case(dice, deal.language, mono=0.4)
    stretch = dice.pick((100, 100, 90, 82, 75, 110)) if case.mono else dice.pick((100, 100, 90))
    body = Face(case, style.body.size, stretch=stretch)
    return replace(
        style,
        body=body,
        small=body.but(size=body.size - 1),
        head=body.but(bold=True),
        title=body.but(bold=dice.chance(0.6), size=body.size + dice.pick((0, 1, 3))),
        uppercase=dice.chance(0.45),
        margin=dice.pick((6, 8, 10, 14, 20)),
        value_bold=False,
        caption_bold=False,
        caption_case="upper" if dice.chance(0.3) else "plain",
        sign_place=style.sign_place if dice.chance(0.4) else "none",
    )


class Roll:
    """A till roll: lines one below the other."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.ink = paper.ink
        self.left = paper.style.margin
        self.right = paper.ink.width - paper.style.margin
        self.y = 10.0
        self.face = paper.style.body
        self.late: list[tuple[str, list[Run]]] = []
        self.dash = paper.dice.pick(("-", "-", "=", "rule", "dashed", "", "*", "_"))

    def line(self, runs: list[Run] | str, align: Align = "l", face: Face | None = None) -> None:
        """Print wrapped text."""
        face = face or self.face
        shown = plain(runs) if isinstance(runs, str) else runs
        self.y = self.ink.paragraph(self.left, self.y, shown, face, self.right - self.left, align)

    def ends(self, left: list[Run] | str, right: list[Run], face: Face | None = None) -> None:
        """Print text at the left and at the right of a line."""
        face = face or self.face
        shown = plain(left) if isinstance(left, str) else left
        room = self.right - self.left - self.ink.measure(right, face) - 4
        lines = self.ink.wrap(shown, face, max(room, 30))
        for k, row in enumerate(lines):
            self.ink.text(self.left, self.y + face.size, row, face)
            if k == len(lines) - 1:
                if self.ink.measure(row, face) > room:
                    self.y += face.leading
                self.ink.text(self.right, self.y + face.size, right, face, "r")
            self.y += face.leading

    def cut(self) -> None:
        """Print a separator."""
        if self.dash in {"rule", "dashed"}:
            self.ink.rule(self.left, self.y + 3, self.right, self.y + 3, dash=self.dash == "dashed")
            self.y += 6
        elif self.dash:
            one = self.ink.measure(plain(self.dash), self.face)
            self.line(self.dash * int((self.right - self.left) / one))
        else:
            self.y += self.face.leading * 0.6


def clock(dice: Dice) -> str:
    """Return a time of day as tills print it."""
    hour, minute, second = dice.randint(7, 22), dice.randint(0, 59), dice.randint(0, 59)
    shape = dice.randint(0, 3)
    if shape == 0:
        return f"{hour:02d}:{minute:02d}:{second:02d}"
    if shape == 1:
        return f"{(hour - 1) % 12 + 1}:{minute:02d}:{second:02d} {'AM' if hour < 12 else 'PM'}"
    if shape == 2:
        return f"{(hour - 1) % 12 + 1}:{minute:02d} {'AM' if hour < 12 else 'PM'}"
    return f"{hour:02d}:{minute:02d}"
