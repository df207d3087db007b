"""Do pdfium's words equal pdfplumber's, and what does a page cost with each?

    python benchmarks/reading.py ../shared/data --pages 3
    python benchmarks/reading.py ../shared/data --records

With ``--records`` the XML of the e-invoices is read instead and compared with their labels.

Words are compared as bags per page. Times are CPU milliseconds of this process (opening and
closing the file included), because wall time says little on a shared machine.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pdfplumber

from doctally.pages import Page
from doctally.schemas import all_header_fields, item_fields
from doctally.values import same
from extractors.einvoice import embedded_xml, read_record
from extractors.pdf import open_pdf, read_page


@dataclass(slots=True)
class Tally:
    """Words and CPU seconds over the pages of one set."""

    pages: int = 0
    equal: int = 0
    ours: int = 0
    theirs: int = 0
    our_s: float = 0.0
    their_s: float = 0.0

    def row(self, name: str) -> str:
        """Return a row of the Markdown table."""
        return (
            f"| {name} | {self.pages} | {self.theirs} | {self.equal / self.theirs:.4f} "
            f"| {self.equal / self.ours:.4f} | {1000 * self.our_s / self.pages:.1f} "
            f"| {1000 * self.their_s / self.pages:.1f} | {self.their_s / self.our_s:.1f} |"
        )


def ours(path: Path, most: int) -> list[Page]:
    """Return the first pages by our reader."""
    with open_pdf(path) as document:
        return [read_page(document, index) for index in range(min(len(document), most))]


def theirs(path: Path, most: int) -> list[list[str]]:
    """Return the words of the first pages by pdfplumber with its default settings."""
    with pdfplumber.open(path) as document:
        return [[word["text"] for word in page.extract_words()] for page in document.pages[:most]]


def records(folder: Path) -> None:
    """Print how many values of the e-invoices' XML equal the labels, name by name."""
    kinds = {spec.name: spec.kind for spec in all_header_fields()}
    cells = {spec.name: spec.kind for spec in item_fields()}
    equal: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for line in (folder / "labels.jsonl").read_text("utf-8").splitlines():
        label = json.loads(line)
        with open_pdf(folder / label["file"]) as document:
            xml = embedded_xml(document)
        if xml is None:
            print(f"no XML found: {label['file']}")
            continue
        record = read_record(xml)
        pairs = [("", kinds, label["fields"], record.fields)]
        rows = label.get("line_items", [])
        if len(rows) != len(record.line_items):
            print(f"{len(record.line_items)} lines, labelled {len(rows)}: {label['file']}")
        pairs += [("line: ", cells, *both) for both in zip(rows, record.line_items, strict=False)]
        for prefix, kind, truth, found in pairs:
            for name, value in truth.items():
                good = name in found and same(kind[name], value, found[name])
                (equal if good else other)[prefix + name] += 1
    print("| name | equal | not equal |\n| --- | --- | --- |")
    for name in sorted({*equal, *other}):
        print(f"| {name} | {equal[name]} | {other[name]} |")
    print(f"| all | {equal.total()} | {other.total()} |")


def main() -> None:
    """Print a Markdown table with a row a set, and the pages that differ most on request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=3, help="first pages of each document")
    parser.add_argument("--every", type=int, default=1, help="take every n-th document")
    parser.add_argument("--differences", type=float, help="show pages with a smaller share equal")
    parser.add_argument("--records", action="store_true", help="compare e-invoices with labels")
    given = parser.parse_args()
    if given.records:
        records(given.data / "einvoice")
        return
    logging.disable(logging.WARNING)
    print(
        "| set | pages | words of pdfplumber | found by us | of ours found by it "
        "| ms/page pdfium | ms/page pdfplumber | factor |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in ("adbuy", "einvoice"):
        tally = Tally()
        for path in sorted((given.data / name / "pdfs").glob("*.pdf"))[:: given.every]:
            start = time.process_time()
            pages = ours(path, given.pages)
            tally.our_s += time.process_time() - start
            start = time.process_time()
            others = theirs(path, given.pages)
            tally.their_s += time.process_time() - start
            for page, other in zip(pages, others, strict=True):
                a, b = Counter(word.text for word in page.words), Counter(other)
                equal = (a & b).total()
                tally.pages += 1
                tally.equal += equal
                tally.ours += a.total()
                tally.theirs += b.total()
                limit = given.differences
                if limit is not None and equal < limit * max(a.total(), b.total()):
                    print(f"{path.name} {page.number}: {equal} of {a.total()} and {b.total()}")
                    print("   ours  ", list(a - b)[:20], "\n   theirs", list(b - a)[:20])
        print(tally.row(name), flush=True)


if __name__ == "__main__":
    main()
