"""The pen: drawing operations as PDF operators, a third of the time of reportlab's text objects."""

from __future__ import annotations

from typing import Any

from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics

ALL_PAGES = "\x00"
"""Stands for the number of pages until the document is finished."""

_ESCAPES = str.maketrans({"\\": "\\\\", "(": "\\(", ")": "\\)"})


def draw(sheet: Any, ops: list[tuple[Any, ...]], height: float, pages: str) -> None:
    """Write a page's operations (see ``synth.ink``) to a reportlab canvas."""
    write = sheet.addLiteral
    for op in ops:
        match op:
            case ("t", x, y, text, font, face):
                if ALL_PAGES in text:
                    text = text.replace(ALL_PAGES, pages)
                write(
                    f"BT {_rgb(face.colour)} rg {face.stretch} Tz 1 0 0 1 {x:.2f} {height - y:.2f}"
                    f" Tm {_show(sheet, text, font, face.size)} ET"
                )
            case ("l", x0, y0, x1, y1, weight, colour, dash):
                write(
                    f"{weight:.2f} w {_rgb(colour)} RG {'[2 2] 0' if dash else '[] 0'} d"
                    f" {x0:.2f} {height - y0:.2f} m {x1:.2f} {height - y1:.2f} l S"
                )
            case ("b", x, y, wide, tall, fill, stroke, weight, radius):
                if fill is not None:
                    write(f"{_rgb(fill)} rg")
                if stroke is not None:
                    write(f"[] 0 d {weight:.2f} w {_rgb(stroke)} RG")
                if radius:
                    sheet.roundRect(
                        x,
                        height - y - tall,
                        wide,
                        tall,
                        radius,
                        fill=int(fill is not None),
                        stroke=int(stroke is not None),
                    )
                else:
                    how = "B" if fill and stroke else "f" if fill is not None else "S"
                    write(f"{x:.2f} {height - y - tall:.2f} {wide:.2f} {tall:.2f} re {how}")
            case ("e", x, y, wide, tall, fill):
                write(f"{_rgb(fill)} rg")
                sheet.ellipse(x, height - y - tall, x + wide, height - y, stroke=0, fill=1)
            case ("v", x, y, text, face, angle):
                sheet.saveState()
                sheet.translate(x, height - y)
                sheet.rotate(angle)
                shown = _show(sheet, text, face.font(), face.size)
                write(f"BT {_rgb(face.colour)} rg 1 0 0 1 0 0 Tm {shown} ET")
                sheet.restoreState()
            case ("i", x, y, wide, tall, image):
                sheet.drawImage(ImageReader(image), x, height - y - tall, wide, tall)


def _rgb(colour: tuple[float, float, float]) -> str:
    return f"{colour[0]:.2f} {colour[1]:.2f} {colour[2]:.2f}"


def _show(sheet: Any, text: str, name: str, size: float) -> str:
    font: Any = pdfmetrics.getFont(name)
    if font._dynamicFont:
        out, current = [], None
        for subset, codes in font.splitString(text, sheet._doc):
            if subset != current:
                out.append(f"{font.getSubsetInternalName(subset, sheet._doc)} {size:.2f} Tf")
                current = subset
            out.append(f"({_escape(codes.decode('latin-1'))}) Tj")
        return " ".join(out)
    codes = text.encode("cp1252", "replace").decode("latin-1")
    return f"{sheet._doc.getInternalFontName(name)} {size:.2f} Tf ({_escape(codes)}) Tj"


def _escape(text: str) -> str:
    text = text.translate(_ESCAPES)
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if 32 <= ord(c) < 127 else f"\\{ord(c):03o}" for c in text)
