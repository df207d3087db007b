"""Scans that lie badly: word recall of OCR as it was, and with what makes pages level and upright.

    python -m benchmarks.scans --documents 8
    python -m benchmarks.scans --documents 3 --languages

Our own synthetic documents, whose words are known exactly, become scans: turned by quarters, a few
degrees askew, coarse, two on one sheet. ``before`` reads the image as it is (words of lines across
the sheet, turned only by quarters); ``after`` is what readers do. A word is found when it is read;
in order, when its neighbour in the text is the one it has on paper, which skew and double pages
destroy. CPU seconds of one thread. With ``--languages`` documents of each language are read at 200
dots per inch, and words with letters beyond A to Z are counted apart.
"""

from __future__ import annotations

import argparse
import io
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2 as pdfium
from PIL import Image, ImageFilter

from doctally.pages import Page
from extractors import ocr
from extractors.layout import lines_of, to_words
from extractors.pdf import open_pdf, read_page
from extractors.scan import read_picture
from synth.generate import make

_SEED = 20_261
_TYPES = {"invoice": 3.0, "purchase_order": 1.0, "shipment_notice": 1.0, "credit_note": 1.0}
_UPRIGHT = (0.65, 0.8)  # width to height of the papers taken

Reader = Callable[[Image.Image, float, float], list[Page]]
Words = list[str]


@dataclass(slots=True)
class Tally:
    """Words over sheets."""

    words: int = 0
    found: int = 0
    pairs: int = 0
    ordered: int = 0
    cpu_s: float = 0.0
    sheets: int = 0

    def add(self, truth: Sequence[Words], pages: Sequence[Page]) -> None:
        """Add a sheet: the words of its papers, and the pages that were read."""
        read = Counter(w.text.casefold() for page in pages for w in page.words)
        neighbours: Counter[tuple[str, str]] = Counter()
        for page in pages:
            neighbours.update(pairwise(w.text.casefold() for w in page.words))
        wanted = Counter(w.casefold() for words in truth for w in words)
        beside = Counter(pair for words in truth for pair in pairwise(w.casefold() for w in words))
        self.words += wanted.total()
        self.found += (read & wanted).total()
        self.pairs += beside.total()
        self.ordered += (neighbours & beside).total()
        self.sheets += 1

    @property
    def cells(self) -> str:
        """Return found, in order and seconds a sheet."""
        return (
            f"{self.found / self.words:.3f} | {self.ordered / self.pairs:.3f} "
            f"| {self.cpu_s / self.sheets:.1f}"
        )


def papers(count: int, language: str = "") -> Iterator[tuple[bytes, Words]]:
    """Yield synthetic documents of upright paper and the words of their first pages."""
    index = 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "paper.pdf"
        while count:
            content, labels = make(_SEED, index, _TYPES)
            index += 1
            if language and labels["language"] != language:
                continue
            path.write_bytes(content)
            with open_pdf(path) as document:
                page = read_page(document, 0)
            if _UPRIGHT[0] < page.width / page.height < _UPRIGHT[1] and len(page.words) > 60:
                count -= 1
                yield content, [word.text for word in page.words]


def scanned(content: bytes, dpi: float, degrees: float = 0.0) -> Image.Image:
    """Return the first page as a scanner gives it: grey, soft, JPEG, turned clockwise."""
    with pdfium.PdfDocument(content) as document:
        image = document[0].render(scale=dpi / 72).to_pil().convert("L")
    if degrees:
        turned = Image.Resampling.BICUBIC
        image = image.rotate(-degrees, resample=turned, expand=True, fillcolor=255)
    return compressed(image)


def compressed(image: Image.Image) -> Image.Image:
    """Return the image a little soft and grey, as JPEG leaves it."""
    soft = image.filter(ImageFilter.GaussianBlur(0.5)).point(lambda v: int(14 + v * 0.9))
    buffer = io.BytesIO()
    soft.save(buffer, "JPEG", quality=70)
    return Image.open(buffer).convert("RGB")


def side_by_side(left: Image.Image, right: Image.Image) -> Image.Image:
    """Return two pages on one sheet."""
    sheet = Image.new("RGB", (left.width + right.width, max(left.height, right.height)), "white")
    sheet.paste(left, (0, 0))
    sheet.paste(right, (left.width, 0))
    return sheet


def before(image: Image.Image, width: float, height: float) -> list[Page]:
    """Return the page as it was read until now: no levelling, no double pages."""
    runs, degrees = ocr.read_image(image)
    across, down = image.size if degrees in (0, 180) else image.size[::-1]
    words = tuple(to_words(lines_of(runs), width=across, height=down))
    return [Page(1, width, height, words, "ocr")]


def after(image: Image.Image, width: float, height: float) -> list[Page]:
    """Return the pages as they are read now."""
    found = read_picture(image, sheet=1, number=1, width=width, height=height, threads=1)
    return [scanned.page for scanned in found]


def sheets(
    case: str, found: Sequence[tuple[bytes, Words]]
) -> Iterator[tuple[Image.Image, list[Words]]]:
    """Yield the scans of a case with the words on them."""
    kind, _, rest = case.partition(" ")
    for number, (content, words) in enumerate(found):
        match kind:
            case "turned":
                yield scanned(content, 200, float(rest)), [words]
            case "askew":
                sign = -1 if number % 2 else 1
                yield scanned(content, 200, sign * float(rest)), [words]
            case "dpi":
                yield scanned(content, float(rest)), [words]
            case _ if number % 2:
                both = [scanned(found[i][0], 150) for i in (number - 1, number)]
                yield side_by_side(*both), [found[number - 1][1], words]


CASES = (
    *(f"turned {d}" for d in (90, 180, 270)),
    *(f"askew {d}" for d in (1, 3, 5, 8)),
    *(f"dpi {d}" for d in (200, 150, 100)),
    "double",
)


LANGUAGES = ("en", "de", "fr", "es", "it", "pl", "nl", "pt")


def languages(count: int) -> None:
    """Print how many words of each language are read, plain ones and others."""
    print("| language | words | found | with other letters | found |")
    print("| --- | --- | --- | --- | --- |")
    for language in LANGUAGES:
        wanted: Counter[str] = Counter()
        found: Counter[str] = Counter()
        for content, words in papers(count, language):
            image = scanned(content, 200)
            read = Counter(w.text for page in after(image, 595, 842) for w in page.words)
            own = Counter(word for word in words if any(map(str.isalpha, word)))
            wanted.update(own)
            found.update(own & read)
        special = {word for word in wanted if not word.isascii()}
        parts = [[w for w in wanted if (w in special) is kind] for kind in (False, True)]
        cells = []
        for part in parts:
            total = sum(wanted[w] for w in part)
            share = sum(found[w] for w in part) / total if total else 0.0
            cells.append(f"{total} | {share:.3f}" if total else "0 | ")
        print(f"| {language} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Print a Markdown table with a row a case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=8)
    parser.add_argument("--case", action="append", help="only these, such as 'askew 3'")
    parser.add_argument("--languages", action="store_true", help="languages instead of cases")
    given = parser.parse_args()
    if given.languages:
        languages(given.documents)
        return
    found = list(papers(given.documents))
    ocr.read_image(Image.new("RGB", (200, 100), "white"))
    print("| scan | sheets | found before | in order | s | found after | in order | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for case in given.case or CASES:
        tallies = (Tally(), Tally())
        for image, truth in sheets(case, found):
            size = image.width * 0.36, image.height * 0.36
            for reader, tally in zip((before, after), tallies, strict=True):
                start = time.process_time()
                pages = reader(image, *size)
                tally.cpu_s += time.process_time() - start
                tally.add(truth, pages)
        print(
            f"| {case} | {tallies[0].sheets} | {tallies[0].cells} | {tallies[1].cells} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
