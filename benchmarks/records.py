"""Structured documents of the shared sets: what is read, what the rules say, how fast.

    python benchmarks/records.py ../shared/data [--hits] [--pages] [--syntax]

``--hits`` prints each refusal and finding with its file. ``--pages`` reads the pages of the hybrids
too and compares them with their XML: as they are, and with one value of the XML tampered with.
``--syntax`` cuts EDIFACT with our own code and with pydifact.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from doctally.crosscheck import check_pages
from doctally.errors import DoctallyError
from doctally.pages import Record
from doctally.results import Extraction, FieldValue
from doctally.rules import check
from extractors.edi.interchange import messages, read_message
from extractors.edi.syntax import dialect_of, segments_of
from extractors.einvoice import embedded_xml, read_record
from extractors.pdf import open_pdf
from extractors.read import read


def documents(root: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each structured document of a set."""
    if name == "einvoice":
        for path in sorted((root / name / "pdfs").glob("*.pdf")):
            with open_pdf(path) as document:
                xml = embedded_xml(document)
            if xml is not None:
                yield path.name, xml
        return
    for path in sorted((root / name).rglob("*.*")):
        if not path.name.startswith("LICENSE"):
            yield str(path.relative_to(root)), path.read_bytes()


def records(name: str, content: bytes) -> list[Record]:
    """Return the records of a document; of an interchange of many messages, all that are read."""
    if name.startswith("edi") and not name.endswith(".xml"):
        return [read_message(message) for message in messages(content)]
    return [read_record(content)]


def extraction_of(record: Record, changed: Mapping[str, str] | None = None) -> Extraction:
    """Return the record as an extraction, with some values changed."""

    def cells(values: Mapping[str, str]) -> dict[str, FieldValue]:
        return {n: FieldValue(value, 1.0, source=record.source) for n, value in values.items()}

    fields = {**record.fields, **(changed or {})}
    rows = tuple(cells(row) for row in record.line_items)
    return Extraction(record.document_type, 1.0, cells(fields), rows)


def of_set(root: Path, name: str, *, hits: bool) -> None:
    """Print what became of a set's documents and what the rules find in them."""
    types: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    seconds, size = 0.0, 0
    for file, content in documents(root, name):
        start = time.process_time()
        try:
            found = records(file, content)
        except DoctallyError as error:
            types[f"refused: {error.code}"] += 1
            if hits:
                print(f"  {file}: {error.code}: {error.message}")
            continue
        finally:
            seconds += time.process_time() - start
            size += len(content)
        for record in found:
            types[record.document_type] += 1
            today = date.fromisoformat(record.fields["issue_date"]) + timedelta(days=31)
            for finding in check(extraction_of(record), today=today):
                codes[f"{finding.severity:6} {finding.code}"] += 1
                if hits:
                    print(f"  {file}: {finding.code}: {finding.message}")
    count = sum(types.values())
    print(f"{name}: {count} documents, {1000 * seconds / count:.2f} CPU ms each, "
          f"{size / 1e6 / seconds:.1f} MB per CPU s")  # fmt: skip
    for table in (types, codes):
        for what, number in sorted(table.items()):
            print(f"  {number:4} {what}")


def tampered(record: Record) -> dict[str, str]:
    """Return the record's compared values, each changed a little."""
    changed = {"document_number": f"{record.fields['document_number']}9"}
    if "total_gross" in record.fields:
        changed["total_gross"] = str(Decimal(record.fields["total_gross"]) + Decimal("100.10"))
    if iban := "".join(record.fields.get("supplier_iban", "").split()):
        changed["supplier_iban"] = iban[:-4] + f"{(int(iban[-4:]) + 1) % 10_000:04}"
    return changed


def of_pages(root: Path) -> None:
    """Print how often the page contradicts the XML: as it is, and with one value tampered with."""
    files = differing = 0
    found: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for line in (root / "einvoice" / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        path = root / "einvoice" / json.loads(line)["file"]
        try:
            reading = read(path)
        except DoctallyError:
            continue
        record = reading.record
        if record is None:
            continue
        files += 1
        findings = check_pages(extraction_of(record), reading.pages)
        differing += bool(findings)
        for finding in findings:
            print(f"  {path.name}: {finding.message}")
        already = {name for finding in findings for name in finding.fields}
        for name, value in tampered(record).items():
            if name not in already:
                tried[name] += 1
                again = check_pages(extraction_of(record, {name: value}), reading.pages)
                found[name] += any(name in finding.fields for finding in again)
    print(f"hybrids: {files}, the page contradicts the XML of {differing}")
    for name, number in tried.items():
        print(f"  {name} tampered with: found {found[name]} of {number}")


def of_syntax(root: Path) -> None:
    """Print how many shared EDIFACT files ours and pydifact cut, and the time of a segment."""
    from pydifact.parser import Parser

    line = "LIN+1++4012345001235:SRV'IMD+F++:::A thing'QTY+21:10'PRI+AAA:1.5'MOA+203:15'"
    long = f"UNB+UNOC:3+A:14+B:14+200101:0000+1'UNH+1+ORDERS:D:96A:UN'{line * 4_000}"

    def ours(text: str) -> int:
        return sum(1 for _ in segments_of(text, dialect_of(text)))

    def theirs(text: str) -> int:
        return sum(1 for _ in Parser().parse(text))

    for name, cut in (("ours", ours), ("pydifact", theirs)):
        whole = 0
        paths = [p for p in (root / "edi" / "edifact").iterdir() if p.suffix.lower() == ".edi"]
        paths = [p for p in paths if not p.name.startswith("tradacoms")]
        for path in paths:
            try:
                whole += cut(path.read_bytes().decode("utf-8-sig", "replace").lstrip()) > 0
            except Exception as error:  # pydifact raises IndexError too
                print(f"  {name} {path.name}: {type(error).__name__}: {error}"[:110])
        start = time.process_time()
        count = cut(long)
        each = 1e6 * (time.process_time() - start) / count
        print(f"{name}: {whole} of {len(paths)} files, {each:.1f} CPU us a segment")


if __name__ == "__main__":
    data = Path(sys.argv[1])
    for each in ("ubl", "edi", "einvoice"):
        of_set(data, each, hits="--hits" in sys.argv)
    if "--pages" in sys.argv:
        of_pages(data)
    if "--syntax" in sys.argv:
        of_syntax(data)
