"""Ink: text and shapes on pages, with the place of every labelled value.

Coordinates are points with the origin at the top left; ``y`` of text is its baseline. Nothing is
written before ``pdf`` so that a page can know how many pages follow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, Literal, NamedTuple

from reportlab import rl_config
from reportlab.pdfgen import canvas

from synth import fonts
from synth.fonts import FontCase
from synth.pen import ALL_PAGES, draw

Colour = tuple[float, float, float]
Align = Literal["l", "r", "c"]
BLACK: Colour = (0.0, 0.0, 0.0)
_CLINGING = frozenset(".,;:)")
"""Signs that readers take for the end of the word before them: inside its box."""
__all__ = ["ALL_PAGES", "Face", "Ink", "Mark", "Run"]


@dataclass(slots=True, eq=False)
class Mark:
    """One printed occurrence of a value: header field, or cell of line ``row``.

    A ``twin`` is printed by the same word (a range of dates without spaces).
    """

    name: str
    value: str
    row: int | None = None
    twin: Mark | None = None
    drawn: list[tuple[int, float, float, float, float, str]] = field(default_factory=list)


class Run(NamedTuple):
    """A piece of text; ``mark`` labels it, ``bold`` overrides the face."""

    text: str
    mark: Mark | None = None
    bold: bool | None = None


Runs = Sequence[Run]


@dataclass(frozen=True, slots=True)
class Face:
    """How text looks; ``stretch`` is the horizontal scale in percent."""

    case: FontCase
    size: float
    bold: bool = False
    colour: Colour = BLACK
    stretch: int = 100

    def font(self, bold: bool | None = None) -> str:
        """Return the font's name."""
        return self.case.bold if (self.bold if bold is None else bold) else self.case.regular

    def but(self, **changes: Any) -> Face:
        """Return the face with these changes."""
        return replace(self, **changes)

    @property
    def leading(self) -> float:
        """Return the usual distance of two lines."""
        return self.size * 1.2


def plain(text: str) -> list[Run]:
    """Return unlabelled text as runs."""
    return [Run(text)]


def text_of(runs: Runs) -> str:
    """Return the text of the runs."""
    return "".join(run.text for run in runs)


class Ink:
    """The pages of one document."""

    def __init__(self, page_width: float, page_height: float) -> None:
        self.width = page_width
        self.height = page_height
        self.sizes: list[tuple[float, float]] = []
        self.pages: list[list[tuple[Any, ...]]] = []
        self.marks: list[Mark] = []
        self._copies: dict[tuple[int, int], Mark] = {}
        self.page()

    def page(self) -> None:
        """Start a new page."""
        self.pages.append([])
        self.sizes.append((self.width, self.height))

    def cut(self, height: float) -> None:
        """Make the current page this high (till rolls); nothing below may be drawn yet."""
        old = self.sizes[-1][1]
        self.sizes[-1] = (self.width, height)
        for mark in self.marks:
            mark.drawn = [
                (p, x0, y0 * old / height, x1, y1 * old / height, t)
                if p == len(self.pages)
                else (p, x0, y0, x1, y1, t)
                for p, x0, y0, x1, y1, t in mark.drawn
            ]

    def measure(self, runs: Runs, face: Face) -> float:
        """Return the width of one line of runs."""
        size = face.size * face.stretch / 100
        fit = face.case.fit
        return sum(fonts.width(fit(run.text), face.font(run.bold), size) for run in runs)

    def text(self, x: float, y: float, runs: Runs | str, face: Face, align: Align = "l") -> float:
        """Draw one line at baseline y; x is its left, right or centre. Return its width."""
        if isinstance(runs, str):
            runs = [Run(runs)]
        size = face.size * face.stretch / 100
        fit = face.case.fit
        pieces = [(fit(r.text), face.font(r.bold), r.mark) for r in runs if r.text]
        widths = [fonts.width(text, font, size) for text, font, _ in pieces]
        total = sum(widths)
        at = x if align == "l" else x - total if align == "r" else x - total / 2
        ops = self.pages[-1]
        pending, pending_font, start = "", "", at
        for k, ((text, font, mark), wide) in enumerate(zip(pieces, widths, strict=True)):
            if font != pending_font and pending:
                ops.append(("t", start, y, pending, pending_font, face))
                pending, start = "", at
            pending, pending_font = pending + text, font
            if mark is not None:
                after = pieces[k + 1][0][0] if k + 1 < len(pieces) else ""
                tail = fonts.width(after, font, size) if after in _CLINGING else 0.0
                self._note(mark, text, at, y, wide + tail, font, face.size)
            at += wide
        if pending:
            ops.append(("t", start, y, pending, pending_font, face))
        return total

    def _note(
        self, mark: Mark, text: str, x: float, y: float, wide: float, font: str, size: float
    ) -> None:
        if mark.twin is not None:
            self._note(mark.twin, text, x, y, wide, font, size)
        _, ascent, descent = fonts.measure(font)
        width, height = self.sizes[-1]
        page = len(self.pages)
        if mark.drawn and mark.drawn[-1][0] != page:
            mark = self._copies.setdefault((id(mark), page), Mark(mark.name, mark.value, mark.row))
        if not mark.drawn:
            self.marks.append(mark)
        mark.drawn.append(
            (
                page,
                x / width,
                (y - ascent * size) / height,
                (x + wide) / width,
                (y - descent * size) / height,
                text.strip(),
            )
        )

    def wrap(self, runs: Runs | str, face: Face, room: float) -> list[list[Run]]:
        """Return the runs as lines no wider than ``room`` (a longer word stands alone)."""
        if isinstance(runs, str):
            runs = [Run(runs)]
        words: list[list[Run]] = []
        open_word = False
        for run in runs:
            for k, part in enumerate(run.text.split(" ")):
                if k:
                    open_word = False
                if not part:
                    continue
                if open_word:
                    words[-1].append(run._replace(text=part))
                else:
                    words.append([run._replace(text=part)])
                    open_word = True
        lines: list[list[Run]] = []
        space = self.measure([Run(" ")], face)
        used = 0.0
        for word in words:
            wide = self.measure(word, face)
            if lines and used + space + wide <= room:
                lines[-1].append(Run(" "))
                lines[-1].extend(word)
                used += space + wide
            else:
                lines.append(list(word))
                used = wide
        return [_merge(line) for line in lines]

    def paragraph(
        self,
        x: float,
        y: float,
        runs: Runs | str,
        face: Face,
        room: float,
        align: Align = "l",
        leading: float = 0,
    ) -> float:
        """Draw wrapped text whose top is y; return the y below it."""
        step = leading or face.leading
        at = x if align == "l" else x + room if align == "r" else x + room / 2
        for line in self.wrap(runs, face, room):
            self.text(at, y + face.size, line, face, align)
            y += step
        return y

    def rule(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        *,
        weight: float = 0.5,
        colour: Colour = BLACK,
        dash: bool = False,
    ) -> None:
        """Draw a line."""
        self.pages[-1].append(("l", x0, y0, x1, y1, weight, colour, dash))

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        stroke: Colour | None = BLACK,
        weight: float = 0.5,
        radius: float = 0,
    ) -> None:
        """Draw a rectangle whose top left corner is x, y."""
        self.pages[-1].append(("b", x, y, width, height, fill, stroke, weight, radius))

    def ellipse(self, x: float, y: float, width: float, height: float, fill: Colour) -> None:
        """Draw a filled ellipse in this rectangle."""
        self.pages[-1].append(("e", x, y, width, height, fill))

    def turned(self, x: float, y: float, text: str, face: Face, angle: float) -> None:
        """Draw unlabelled text turned by an angle (degrees, counter-clockwise)."""
        self.pages[-1].append(("v", x, y, face.case.fit(text), face, angle))

    def picture(self, x: float, y: float, width: float, height: float, image: Any) -> None:
        """Draw a PIL image in this rectangle."""
        self.pages[-1].append(("i", x, y, width, height, image))

    def pdf(self, *, title: str = "", compress: bool = True) -> bytes:
        """Return the document as PDF bytes that depend on the content only."""
        rl_config.useA85 = 0
        buffer = BytesIO()
        sheet = canvas.Canvas(buffer, pageCompression=int(compress), invariant=1)
        sheet.setTitle(title)
        sheet.setCreator("doctally synth")
        for ops, size in zip(self.pages, self.sizes, strict=True):
            sheet.setPageSize(size)
            draw(sheet, ops, size[1], str(len(self.pages)))
            sheet.showPage()
        sheet.save()
        return buffer.getvalue()


def _merge(line: Iterable[Run]) -> list[Run]:
    out: list[Run] = []
    items = list(line)
    for k, run in enumerate(items):
        if run.text == " " and run.mark is None:
            before = out[-1].mark if out else None
            after = items[k + 1].mark if k + 1 < len(items) else None
            run = run._replace(mark=before if before is after else None)
        if out and out[-1].mark is run.mark and (out[-1].bold == run.bold or run.text == " "):
            out[-1] = out[-1]._replace(text=out[-1].text + run.text)
        else:
            out.append(run)
    return out
