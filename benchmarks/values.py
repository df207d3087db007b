"""Share of labelled dates and amounts that some span of their page reads to.

    python benchmarks/values.py ../shared/data

Pages are read as plain text with pypdfium2 (receipts: the transcript's boxes); spans are one to
five neighbouring words of a line; a range is two dates; discounts and payments count unsigned.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path

import pypdfium2

from doctally.schemas import Kind, all_header_fields
from doctally.values import infer_locale, normalise, same

KINDS = {
    spec.name: spec.kind for spec in all_header_fields() if spec.kind in (Kind.DATE, Kind.AMOUNT)
}
RANGE = re.compile(r"(\d)[-–](\d{1,2}[/.]\d{1,2}[/.]\d\d)")  # 04/20/20-04/26/20
UNSIGNED = ("discount", "amount_paid")  # printed with a minus or without


def lines_of(folder: Path, label: dict[str, object]) -> list[str]:
    """Return the lines of a labelled document's text."""
    if "ocr" in label:
        rows = (folder / str(label["ocr"])).read_text(encoding="utf-8", errors="replace")
        return [row.split(",", 8)[8] for row in rows.splitlines() if row.count(",") >= 8]
    document = pypdfium2.PdfDocument(folder / str(label["file"]))
    return [
        line for page in document for line in page.get_textpage().get_text_bounded().splitlines()
    ]


def values_of(lines: list[str], kind: Kind) -> set[str]:
    """Return the normal forms of all spans of up to five words that read as the kind."""
    locale = infer_locale("\n".join(lines))
    found = set()
    for line in lines:
        words = RANGE.sub(r"\1 \2", line).split()
        for start in range(len(words)):
            for stop in range(start + 1, min(start + 5, len(words)) + 1):
                value = normalise(kind, " ".join(words[start:stop]), locale)
                if value is not None:
                    found.add(value)
    return found


def main(root: Path) -> None:
    """Print found / labelled per data set and field, and each value that was not found."""
    for name in ("adbuy", "einvoice", "receipts"):
        folder = root / name
        total: Counter[str] = Counter()
        hit: Counter[str] = Counter()
        for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
            label = json.loads(line)
            wanted = label.get("visible", label["labelled"])
            if label.get("page_mismatch"):
                continue
            lines = lines_of(folder, label)
            spans = {kind: values_of(lines, kind) for kind in set(KINDS.values())}
            for field, value in label["fields"].items():
                if field not in KINDS or field not in wanted:
                    continue
                total[field] += 1
                kind = KINDS[field]
                forms = spans[kind]
                if field in UNSIGNED:
                    value, forms = value.lstrip("-"), {form.lstrip("-") for form in forms}
                if any(same(kind, value, form) for form in forms):
                    hit[field] += 1
                else:
                    print(f"  missing {name} {label['file']} {field} {value}", file=sys.stderr)
        for field in sorted(total):
            share = hit[field] / total[field]
            print(f"{name:9} {field:16} {hit[field]:4}/{total[field]:4} {share:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
