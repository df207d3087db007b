"""RapidOCR against Tesseract, and RapidOCR's settings against each other.

    python benchmarks/ocr.py ../shared/data --pages 20
    python benchmarks/ocr.py ../shared/data --pages 10 --set adbuy --sides 960 1280 1600
    python benchmarks/ocr.py ../shared/data --pages 3 --set einvoice --coarse 75

Receipts are images with transcripts; PDFs are rendered at 200 dots per inch and compared with
their own text layer. A word counts as found when it stands in the box where the truth has it,
upper and lower case alike. Character errors are edits between what stands in a box and its truth,
spaces left out, in shares of the truth's letters. The word error rate counts words to be put in,
left out or exchanged, box by box, and words read where the truth has none. Times are CPU seconds of
one thread. Tesseract takes part where its binary is: apt-get install tesseract-ocr.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import resource
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from rapidfuzz.distance import Levenshtein

from extractors import ocr
from extractors.images import frames, open_image
from extractors.pdf import open_pdf, read_page

Found = tuple[float, float, float, float, str]
"""A box in pixels and its text."""


@dataclass(slots=True)
class Tally:
    """Sums over pages."""

    pages: int = 0
    letters: int = 0
    errors: int = 0
    truth: int = 0
    hits: int = 0
    slips: int = 0
    cpu_s: float = 0.0

    def row(self, name: str) -> str:
        """Return a row of the Markdown table."""
        return (
            f"| {name} | {self.pages} | {self.hits / self.truth:.3f} "
            f"| {self.slips / self.truth:.3f} "
            f"| {self.errors / self.letters:.4f} | {self.cpu_s / self.pages:.2f} "
            f"| {self.hits / self.cpu_s:.0f} |"
        )


def spread(paths: list[Path], count: int) -> list[Path]:
    """Return ``count`` of the paths, evenly spread."""
    return paths[:: max(len(paths) // count, 1)][:count]


def receipts(folder: Path, count: int) -> Iterator[tuple[Image.Image, list[Found]]]:
    """Yield the receipts' images, and the boxes of their transcripts."""
    for path in spread(sorted((folder / "img").iterdir()), count):
        with open_image(path, max_pixels=100_000_000) as opened:
            size = opened.width
            image = next(frames(opened, max_pages=1, max_pixels=100_000_000)).image
        scale = image.width / size
        truth: list[Found] = []
        lines = (folder / "ocr" / f"{path.stem}.csv").read_text("utf-8", "replace").splitlines()
        for line in lines:
            parts = line.split(",", 8)
            if len(parts) == 9:
                xs = [float(part) * scale for part in parts[0:8:2]]
                ys = [float(part) * scale for part in parts[1:8:2]]
                truth.append((min(xs), min(ys), max(xs), max(ys), parts[8]))
        yield image, truth


def documents(folder: Path, count: int) -> Iterator[tuple[Image.Image, list[Found]]]:
    """Yield the first pages of PDFs as images, and the words of their text layer."""
    for path in spread(sorted((folder / "pdfs").glob("*.pdf")), count):
        with open_pdf(path) as document:
            page = read_page(document, 0)
            if len(page.words) < 20 or len({word.box.x0 for word in page.words}) < 5:
                continue
            image = document[0].render(scale=200 / 72).to_pil().convert("RGB")
        if (image.width > image.height) != (page.width > page.height):
            continue
        yield (
            image,
            [
                (
                    word.box.x0 * image.width,
                    word.box.y0 * image.height,
                    word.box.x1 * image.width,
                    word.box.y1 * image.height,
                    word.text,
                )
                for word in page.words
            ],
        )


def coarsened(
    pages: list[tuple[Image.Image, list[Found]]], dpi: float
) -> Iterator[tuple[Image.Image, list[Found]]]:
    """Yield the pages as a scanner of few dots per inch gives them."""
    for image, truth in pages:
        scale = dpi / 200
        small = image.resize(
            (int(image.width * scale), int(image.height * scale)), Image.Resampling.LANCZOS
        )
        yield small, [(*(scale * at for at in box[:4]), box[4]) for box in truth]  # type: ignore[misc]  # five


def as_it_is(image: Image.Image) -> tuple[list[Found], float]:
    """Return RapidOCR's words of a coarse image that is not enlarged, and its CPU seconds."""
    kept, ocr._COARSE = ocr._COARSE, 0.0
    try:
        return rapidocr(image)
    finally:
        ocr._COARSE = kept


def rapidocr(image: Image.Image) -> tuple[list[Found], float]:
    """Return RapidOCR's words and its CPU seconds."""
    start = time.process_time()
    runs, _ = ocr.read_image(image, threads=1)
    spent = time.process_time() - start
    return [(run.x0, run.y0, run.x1, run.y1, run.text) for run in runs], spent


def tesseract(mode: str) -> Callable[[Image.Image], tuple[list[Found], float]]:
    """Return a reader by the tesseract binary with a page segmentation mode."""

    def read(image: Image.Image) -> tuple[list[Found], float]:
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            ["tesseract", "-", "-", "--psm", mode, "-l", "eng", "tsv"],
            input=buffer.getvalue(),
            capture_output=True,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        rows = csv.DictReader(
            io.StringIO(done.stdout.decode()), delimiter="\t", quoting=csv.QUOTE_NONE
        )
        words: list[Found] = []
        for row in rows:
            if row["level"] == "5" and row["text"].strip():
                x, y = float(row["left"]), float(row["top"])
                w, h = float(row["width"]), float(row["height"])
                words.append((x, y, x + w, y + h, row["text"]))
        return words, spent

    return read


def add(tally: Tally, words: list[Found], truth: list[Found]) -> None:
    """Add a page to the sums; a word belongs to the box that holds its centre."""
    known: set[Found] = set()
    for x0, y0, x1, y1, text in truth:
        inside = sorted(
            word
            for word in words
            if x0 - 3 <= (word[0] + word[2]) / 2 <= x1 + 3
            and y0 - 3 <= (word[1] + word[3]) / 2 <= y1 + 3
        )
        known.update(inside)
        wanted = text.upper()
        letters = wanted.replace(" ", "")
        read = "".join(word[4] for word in inside).upper().replace(" ", "")
        tally.letters += len(letters)
        tally.errors += min(Levenshtein.distance(read, letters), len(letters))
        said = [part for word in inside for part in word[4].upper().split()]
        tally.slips += Levenshtein.distance(said, wanted.split())
        expected = Counter(wanted.split())
        tally.truth += expected.total()
        tally.hits += (Counter(word[4].upper() for word in inside) & expected).total()
    tally.slips += sum(len(word[4].split()) for word in words if word not in known)
    tally.pages += 1


def main() -> None:
    """Print a Markdown table with a row a reader."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--set", choices=["receipts", "adbuy", "einvoice"], default="receipts")
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--sides", type=int, nargs="*", default=[], help="detection sizes to try")
    parser.add_argument("--coarse", type=float, help="dots per inch to which PDFs are brought down")
    given = parser.parse_args()
    source = receipts if given.set == "receipts" else documents
    pages = list(source(given.data / given.set, given.pages))
    readers: dict[str, Callable[[Image.Image], tuple[list[Found], float]]] = {}
    if given.coarse:
        pages = list(coarsened(pages, given.coarse))
        readers["RapidOCR, not enlarged"] = as_it_is
        readers["RapidOCR, enlarged where words are low"] = rapidocr
    elif not given.sides:
        readers["RapidOCR, as set in extractors.ocr"] = rapidocr
        if shutil.which("tesseract"):
            readers["Tesseract, psm 3"] = tesseract("3")
            readers["Tesseract, psm 6"] = tesseract("6")
        else:
            print("Tesseract is not here; with it beside: apt-get install tesseract-ocr\n")
    print(
        "| reader | pages | words found | word error rate | character errors "
        "| CPU s/page | words per CPU s |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    rapidocr(Image.new("RGB", (200, 100), "white"))
    for name, reader in readers.items():
        tally = Tally()
        for image, truth in pages:
            words, spent = reader(image)
            tally.cpu_s += spent
            add(tally, words, truth)
        print(tally.row(name), flush=True)
    for side in given.sides:
        ocr._DETECTION_SIDE = side
        tally = Tally()
        for image, truth in pages:
            words, spent = rapidocr(image)
            tally.cpu_s += spent
            add(tally, words, truth)
        print(tally.row(f"RapidOCR, detection on {side} pixels"), flush=True)


if __name__ == "__main__":
    main()
