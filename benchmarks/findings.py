"""Findings on the labels of the shared documents, as if a model had read them without a fault.

    python benchmarks/findings.py ../shared/data [--hits]

What a source does not label is unknown there, so required values outside ``labelled`` do not
count. ``--hits`` prints each finding with its document.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from doctally.results import Extraction, FieldValue, Finding, Source
from doctally.rules import check


def today_of(label: dict[str, object]) -> date:
    """Return the day after a month from the document's issue: it is judged as when it arrived."""
    issued = label["fields"].get("issue_date", "2020-12-01")  # type: ignore[attr-defined]
    return date.fromisoformat(issued) + timedelta(days=31)


def extraction_of(label: dict[str, object]) -> Extraction:
    """Return a label as an extraction of confidence 1."""

    def cells(values: dict[str, str]) -> dict[str, FieldValue]:
        source: Source = "xml" if str(label["source"]).startswith("einvoice") else "model"
        return {n: FieldValue(value, 1.0, source=source) for n, value in values.items()}

    return Extraction(
        document_type=str(label["document_type"]),
        route_confidence=1.0,
        fields=cells(label["fields"]),  # type: ignore[arg-type]
        line_items=tuple(cells(row) for row in label.get("line_items", [])),  # type: ignore[attr-defined]
    )


def known(finding: Finding, labelled: list[str]) -> bool:
    """Tell whether the finding is about values that the source labels."""
    if finding.code == "required_missing":
        return any(name in labelled for name in finding.fields)
    return True


def main(root: Path, *, hits: bool) -> None:
    """Print per data set how many documents were checked and how many have each code."""
    for name in ("adbuy/labels", "einvoice/labels", "receipts/labels_ocr"):
        labels = [
            json.loads(line)
            for line in (root / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        labels = [label for label in labels if label["document_type"]]
        counts: Counter[str] = Counter()
        for label in labels:
            found = [
                finding
                for finding in check(extraction_of(label), today=today_of(label))
                if known(finding, label["labelled"])
            ]
            counts.update({f"{finding.severity:6} {finding.code}" for finding in found})
            counts["no finding"] += not found
            if hits:
                for finding in found:
                    print(f"  {label['file']}: {finding.code}: {finding.message}")
        print(f"{name}: {len(labels)} documents")
        for code, count in sorted(counts.items()):
            print(f"  {count:4} {code}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), hits="--hits" in sys.argv)
