"""A contact sheet: first pages of many documents on one picture, with label boxes if wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from PIL import Image, ImageDraw

from synth.generate import make

_COLOURS = ("#d00", "#08f", "#0a0", "#c0c", "#e80", "#066", "#60f", "#840")


def picture(
    data: bytes, labels: dict[str, Any], *, width: int, boxes: bool, page: int = 0
) -> Image.Image:
    """Return a page of a document as an image, label boxes drawn on it if asked."""
    document = pdfium.PdfDocument(data)
    sheet = document[page]
    image: Image.Image = sheet.render(scale=width / sheet.get_width()).to_pil().convert("RGB")
    if boxes:
        draw = ImageDraw.Draw(image)
        marks = [(name, f) for name, found in labels["boxes"].items() for o in found for f in o]
        marks += [
            (name, f) for row in labels.get("item_boxes", ()) for name, o in row.items() for f in o
        ]
        names = sorted({name for name, _ in marks})
        for name, (number, x0, y0, x1, y1) in marks:
            if number == page + 1:
                colour = _COLOURS[names.index(name) % len(_COLOURS)]
                at = (x0 * image.width, y0 * image.height, x1 * image.width, y1 * image.height)
                draw.rectangle(at, outline=colour)
                if width > 600:
                    draw.text((at[0], at[1] - 9), name, fill=colour)
    return image


def contact_sheet(
    out: Path,
    *,
    seed: int,
    shares: dict[str, float],
    count: int,
    start: int,
    boxes: bool,
    width: int,
) -> None:
    """Write a picture of the first pages of ``count`` documents."""
    across = max(1, round((count * 1.3) ** 0.5))
    tall = int(width * 1.42)
    sheet = Image.new("RGB", (across * width, -(-count // across) * tall), "#888")
    for k in range(count):
        data, labels = make(seed, start + k, shares)
        image = picture(data, labels, width=width - 6, boxes=boxes)
        sheet.paste(
            image.crop((0, 0, width - 6, tall - 6)), ((k % across) * width, (k // across) * tall)
        )
    sheet.save(out)
