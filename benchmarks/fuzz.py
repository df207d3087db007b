"""Mutated files of every kind through their readers: only DoctallyError may come out.

    nice -n 10 python -m benchmarks.fuzz --minutes 10

Each file is changed at random (bytes, cuts, repeats, pieces of other files; for ZIP files also
inside their members) and read in this process. What else comes out is counted, shown, and kept in
``--keep`` so that it can be tried again. Images and scans go through OCR only as far as the time
allows: their decoders are what is tested.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from doctally.errors import DoctallyError
from extractors.limits import ReadLimits
from extractors.read import read

LIMITS = ReadLimits(
    max_file_mb=5, max_pages=3, max_pixels=2_000_000, max_parts=50, max_unpacked_mb=20
)
_ROUND = 200


@dataclass
class Tally:
    """What came out of the readers for one kind of file."""

    outcomes: Counter[str] = field(default_factory=Counter)
    unhandled: dict[str, bytes] = field(default_factory=dict)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with a few things done to them; ZIP members are changed inside as well."""
    if data[:2] == b"PK" and chance.random() < 0.7:
        return _inside(data, chance)
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(found) or 1)
        match chance.randrange(6):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at : at + chance.choice((1, 4, 64, 4096))]
            case 2:
                piece = found[at : at + chance.choice((1, 8, 256))]
                found[at:at] = piece * chance.choice((1, 3, 50))
            case 3:
                found[at:at] = chance.choice(_NASTY)
            case 4:
                del found[at:]
            case _:
                found[at : at + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"))
    return bytes(found)


_NASTY = (
    *(b"\0", b"\xff\xfe", b"\r\n\r\n", b"--", b"=?utf-8?b?", b"%PDF-", b"PK\x03\x04"),
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"]]>", b"<div>" * 300, b"((((" * 200),
    *(b"Content-Type: multipart/mixed; boundary=x\r\n", b"charset=nonsense", b"9" * 400),
    *(b"{\\rtf1" * 50, b"\\u-99999 ", b";" * 500, b'"', b"<table><tr><td>" * 60),
)


def _inside(data: bytes, chance: random.Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        names = old.namelist()
        wanted = chance.choice(names)
        for name in names:
            content = old.read(name)
            new.writestr(name, mutated(content, chance) if name == wanted else content)
    return buffer.getvalue()


def fuzz(name: str, samples: list[bytes], until: float, folder: Path, start: int) -> Tally:
    """Return what came out for the samples until then, with chances from ``start`` on."""
    tally = Tally()
    path = folder / name

    def check(sample: bytes, number: int) -> None:
        if time.monotonic() > until:
            return
        content = mutated(sample, random.Random(number))
        path.write_bytes(content)
        try:
            outcome = f"read as {read(path, LIMITS).media_type}"
        except DoctallyError as error:
            outcome = error.code
        except Exception as error:  # exactly what is looked for
            outcome = "UNHANDLED"
            line = traceback.extract_tb(error.__traceback__)[-1]
            tally.unhandled.setdefault(
                f"{type(error).__name__}: {error} ({Path(line.filename).name}:{line.lineno})"[:200],
                content,
            )
        tally.outcomes[outcome] += 1

    while time.monotonic() < until:
        drawn: Callable[[], None] = seed(start)(
            settings(
                max_examples=_ROUND,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(given(st.sampled_from(samples), st.integers(0, 2**62))(check))
        )
        drawn()
        start += 1
    return tally


def main() -> int:
    """Print a table of counts; the exit status tells whether anything unhandled came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="in total, shared by the kinds")
    parser.add_argument("--kind", action="append", help="only these (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    given_ = parser.parse_args()
    from benchmarks.samples import samples

    found = {n: d for n, d in samples().items() if not given_.kind or n in given_.kind}
    each = given_.minutes * 60 / max(len(found), 1)
    given_.keep.mkdir(exist_ok=True)
    bad = 0
    print("| kind | files | read | refused | unhandled | outcomes |\n|---|---|---|---|---|---|")
    for name, data in found.items():
        tally = fuzz(name, data, time.monotonic() + each, given_.keep, given_.seed)
        total, counts = tally.outcomes.total(), tally.outcomes
        well = sum(n for outcome, n in counts.items() if outcome.startswith("read as"))
        odd = counts["UNHANDLED"]
        bad += odd
        shown = ", ".join(f"{o} {n}" for o, n in counts.most_common(6) if n)
        print(f"| {name} | {total} | {well} | {total - well - odd} | {odd} | {shown} |", flush=True)
        for number, (what, content) in enumerate(tally.unhandled.items()):
            (given_.keep / f"{name}.{number}").write_bytes(content)
            print(f"    {name}.{number}: {what}", file=sys.stderr)
        (given_.keep / name).unlink(missing_ok=True)
    if not any(given_.keep.iterdir()):
        given_.keep.rmdir()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
