"""The report of ``doctally evaluate --report``: one page with tables, plots and the worst papers.

What a document says is text to the page and never markup (jinja2 escapes it); pictures are named
by number, not by what their file is called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup
from PIL import Image, ImageDraw

from doctally.cli.plots import reliability_plot, risk_plot
from doctally.errors import DoctallyError
from doctally.pages import Reading
from doctally.review.pictures import words_picture
from extractors.read import ReaderPool
from extractors.transcript import read_transcript
from extractors.view import page_image
from models.evaluate import Scores, Wrong

PAGE = "report.html"
_DPI = 80.0
_WIDTH = 3
_WRONG = "#c0392b"


@dataclass(frozen=True, slots=True)
class Paper:
    """A document with wrong values, and the pictures of the pages they are on or should be on."""

    name: str
    wrong: Sequence[Wrong]
    pictures: Sequence[str]


def write_report(
    found: Mapping[str, Scores],
    folder: Path,
    pool: ReaderPool,
    version: str,
    *,
    worst: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """Write ``report.html`` and the pictures of the worst documents; return the page's path."""
    pictures = folder / "pages"
    pictures.mkdir(parents=True, exist_ok=True)
    chosen = {name: _worst(scores, worst) for name, scores in found.items()}
    total, done = sum(map(len, chosen.values())), 0
    papers: dict[str, list[Paper]] = {name: [] for name in found}
    for name, documents in chosen.items():
        for path, wrong in documents:
            papers[name].append(Paper(path.name, wrong, _draw(path, wrong, pool, pictures, done)))
            done += 1
            progress(done, total)
    values = {name: scores.values for name, scores in found.items() if scores.values}
    template = files("doctally.cli").joinpath("evaluation.html").read_text(encoding="utf-8")
    page = folder / PAGE
    page.write_text(
        Environment(autoescape=True)
        .from_string(template)
        .render(
            version=version,
            sets={name: (scores, scores.as_dict()) for name, scores in found.items()},
            papers=papers,
            reliability=Markup(reliability_plot(values)),  # noqa: S704  # drawn here, of numbers
            risk=Markup(risk_plot(values)),  # noqa: S704
        ),
        encoding="utf-8",
    )
    return page


def _worst(scores: Scores, most: int) -> list[tuple[Path, list[Wrong]]]:
    """Return the documents with the most wrong values."""
    by_path: dict[Path, list[Wrong]] = defaultdict(list)
    for wrong in scores.wrong:
        if wrong.path.is_file():
            by_path[wrong.path].append(wrong)
    return sorted(by_path.items(), key=lambda item: (-len(item[1]), item[0].name))[:most]


def _draw(
    path: Path, wrong: Sequence[Wrong], pool: ReaderPool, folder: Path, number: int
) -> list[str]:
    """Return the pictures of the pages with wrong values, what was read boxed in red.

    A value that was not read at all is nowhere: the first page is shown then.
    """
    try:
        reading = _read(path, pool)
    except DoctallyError:
        return []
    shown = sorted({w.found.page for w in wrong if w.found and w.found.page} or {1})
    names = []
    for page in shown:
        try:
            image = page_image(path, page, reading.metadata, dpi=_DPI)
        except DoctallyError:
            continue
        name = f"{number:03d}-{page}"
        if image is None:
            picture = words_picture(reading.pages, page)
            (folder / f"{name}.svg").write_bytes(picture.content)
            names.append(f"{name}.svg")
            continue
        _boxed(image, [w for w in wrong if w.found and w.found.page == page]).save(
            folder / f"{name}.jpg", quality=80
        )
        names.append(f"{name}.jpg")
    return names


def _read(path: Path, pool: ReaderPool) -> Reading:
    if path.suffix == ".csv":
        return read_transcript(path)
    _, reading = next(iter(pool.read_many([path], pages_only=True)))
    if isinstance(reading, DoctallyError):
        raise reading
    return reading


def _boxed(image: Image.Image, wrong: Sequence[Wrong]) -> Image.Image:
    image = image.convert("RGB")
    pen = ImageDraw.Draw(image)
    for one in wrong:
        if one.found and (box := one.found.box):
            corners = (
                box.x0 * image.width - _WIDTH,
                box.y0 * image.height - _WIDTH,
                box.x1 * image.width + _WIDTH,
                box.y1 * image.height + _WIDTH,
            )
            pen.rectangle(corners, outline=_WRONG, width=_WIDTH)
            pen.text((corners[0], max(corners[1] - 12, 0)), one.field, fill=_WRONG)
    return image
