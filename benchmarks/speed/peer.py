"""invoice2data at work on the same files: its regular expressions, in a process of its own.

    python -m benchmarks.speed.peer FOLDER [pdfium|pdftotext]

Its 200 packaged templates know other suppliers, so it is given one that knows the captions of an
invoice in six languages, and only that: this is as quick as it can be. The last line is JSON:
files, how many gave a number, a day and an amount, seconds of the clock and of the processor.
Needs ``pip install invoice2data`` (MIT; its own reader, pdfium, is here already).
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from pathlib import Path
from typing import Any

_NUMBER = (
    r"(?i)(?:invoice|rechnungs?|factura|facture|fattura|factuur)[\s-]*"
    r"(?:number|num\w*|nummer|no|nr|n[º°o]|#|id)?\.?\s*[:#]?\s*([A-Z0-9]*[\w/.-]*\d[\w/.-]*)"
)
_DAY = r"(\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\.? \w{3,9}\.? \d{4}|\w{3,9} \d{1,2}, \d{4})"
_SUM = (
    r"(?i)(?:total|gesamt\w*|summe|brutto\w*|importe|amount|montant|totale|totaal|due)"
    r"[^\d]*(\d[\d.,' ]*[.,]\d{2})"
)
TEMPLATE = {
    "issuer": "somebody",
    "template_name": "captions",
    "keywords": ["e"],  # literally: every one of these texts has one
    "fields": {
        "invoice_number": {"parser": "regex", "regex": [_NUMBER], "group": "first"},
        "date": {"parser": "regex", "regex": [_DAY], "type": "date", "group": "first"},
        "amount": {"parser": "regex", "regex": [_SUM], "type": "float", "group": "last"},
    },
    "options": {"currency": "EUR", "languages": ["en"], "decimal_separator": "."},
}


def main() -> None:
    """Print what it took to read the files of a folder."""
    from invoice2data import extract_data  # type: ignore[import-not-found]
    from invoice2data.extract.loader import ordered_load  # type: ignore[import-not-found]

    logging.disable(logging.CRITICAL)
    folder, by = (*sys.argv[1:], "pdfium")[:2]
    chosen: list[Any] = ordered_load(json.dumps([TEMPLATE]))
    files = [str(file) for file in sorted(Path(folder).glob("*.pdf"))]
    extract_data(files[0], templates=chosen, input_module=by)
    wall, cpu = time.perf_counter(), _processor()
    content = sum(bool(extract_data(one, templates=chosen, input_module=by)) for one in files[1:])
    wall, cpu = time.perf_counter() - wall, _processor() - cpu
    print(json.dumps({"files": len(files) - 1, "content": content, "wall": wall, "cpu": cpu}))


def _processor() -> float:
    """Return the processor time of this process and of those it has waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


if __name__ == "__main__":
    main()
