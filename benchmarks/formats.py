"""How long the readers take; images go through OCR.

nice -n 5 python -m benchmarks.formats
"""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path

from openpyxl import Workbook

from benchmarks.samples import samples
from extractors.read import read

_REPEATS, _REPEATS_OCR = 10, 2
_IMAGES = frozenset({"png", "jpeg", "tiff", "gif", "bmp", "webp", "heic"})
_ROWS = 1000


def large() -> dict[str, bytes]:
    """Return larger files: a thousand rows, ten attachments of 100 KB."""
    from containers import mail_of, zip_of

    rows = [[f"Item {i}", i, i * 1.5] for i in range(_ROWS)]
    book = Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    files = {f"{i}.bin": bytes(range(256)) * 400 for i in range(10)}
    cells = "".join(f"<tr><td>{a}</td><td>{b}</td><td>{c}</td></tr>" for a, b, c in rows)
    return {
        "xlsx, 1000 rows": buffer.getvalue(),
        "csv, 1000 rows": "\n".join(f"{a};{b};{c}" for a, b, c in rows).encode(),
        "html, 1000 rows": f"<html><table>{cells}</table></html>".encode(),
        "eml, 10 files of 100 KB": mail_of("Ten files for you.", files).as_bytes(),
        "zip, 10 files of 100 KB": zip_of(files),
    }


def main() -> None:
    """Print the best time for each kind of file: of ten, with OCR of two."""
    files = {name: found[0] for name, found in samples().items()}
    print("| file | KB | ms |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        for name, content in {**files, **large()}.items():
            path.write_bytes(content)
            times = []
            for _ in range(_REPEATS_OCR if name in _IMAGES else _REPEATS):
                start = time.perf_counter()
                read(path)
                times.append(time.perf_counter() - start)
            print(f"| {name} | {len(content) / 1000:.1f} | {min(times) * 1000:.1f} |", flush=True)


if __name__ == "__main__":
    main()
