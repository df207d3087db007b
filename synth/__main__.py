"""``python -m synth``: a folder of labelled documents, or a contact sheet of them."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from synth.generate import SHARES, write
from synth.sheet import contact_sheet


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m synth", description=__doc__)
    parser.add_argument("--out", type=Path, help="folder for the PDFs and labels.jsonl")
    parser.add_argument("--sheet", type=Path, help="picture of the first pages instead")
    parser.add_argument("--boxes", action="store_true", help="draw label boxes on the sheet")
    parser.add_argument("--count", type=int, default=50, help="number of documents")
    parser.add_argument("--start", type=int, default=0, help="first index on the sheet")
    parser.add_argument("--width", type=int, default=300, help="page width on the sheet, pixels")
    parser.add_argument("--seed", type=int, default=0, help="document i depends on (seed, i) only")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument(
        "--types", nargs="*", default=[], metavar="TYPE[=WEIGHT]", help="types to make"
    )
    given = parser.parse_args(arguments)
    shares = dict(SHARES)
    if given.types:
        pairs = [text.partition("=") for text in given.types]
        unknown = [name for name, _, _ in pairs if name not in SHARES]
        if unknown:
            parser.error(f"unknown type {', '.join(unknown)}; known: {', '.join(SHARES)}")
        shares = {name: float(weight or SHARES[name]) for name, _, weight in pairs}
    if given.sheet:
        contact_sheet(
            given.sheet,
            seed=given.seed,
            shares=shares,
            count=given.count,
            start=given.start,
            boxes=given.boxes,
            width=given.width,
        )
        return 0
    if given.out is None:
        parser.error("give --out FOLDER or --sheet PICTURE")
    began = time.perf_counter()
    write(given.out, count=given.count, seed=given.seed, jobs=given.jobs, shares=shares)
    took = time.perf_counter() - began
    parser.exit(0, f"{given.count} documents in {took:.1f} s ({given.count / took:.0f}/s)\n")


if __name__ == "__main__":
    raise SystemExit(main())
