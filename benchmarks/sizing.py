"""How many machines so many documents a year need: python -m benchmarks.sizing.

Arithmetic on measured processor seconds a document; every rate has the command beside it that
measures it (docs/sizing.md). A year's documents are taken to come on 250 days in 10 hours, the
busiest hour with three times the mean, and machines to be busy for 60 % of it at most.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

DAYS, HOURS, PEAK, BUSY = 250, 10, 3.0, 0.6


@dataclass(frozen=True, slots=True)
class Rates:
    """Processor seconds a document: of the worker by kind, of PostgreSQL, of the Prefect server."""

    pdf: float
    record: float
    scan: float
    sql: float
    prefect: float

    def worker(self, pdf: float, record: float, scan: float) -> float:
        """Return what a document of this mix costs a worker."""
        return pdf * self.pdf + record * self.record + scan * self.scan


def main() -> None:
    """Print a row for each number of documents and one for each number of machines."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sizing", description=__doc__)
    parser.add_argument("--pdf", type=float, default=0.83, help="a text PDF (benchmarks.speed)")
    parser.add_argument("--record", type=float, default=0.06, help="XML, EDI (benchmarks.growth)")
    parser.add_argument("--scan", type=float, default=4.9, help="a scanned page (benchmarks.ocr)")
    parser.add_argument("--sql", type=float, default=0.03, help="PostgreSQL (benchmarks.scale)")
    parser.add_argument("--prefect", type=float, default=0.08, help="its server (benchmarks.speed)")
    parser.add_argument("--mix", type=float, nargs=3, default=[0.6, 0.25, 0.15],
                        help="shares of text PDFs, records, scanned pages")  # fmt: skip
    parser.add_argument("--cores", type=int, default=16, help="of a machine")
    parser.add_argument("--row-kb", type=float, default=4.0, help="of the database, a document")
    parser.add_argument("--file-kb", type=float, default=150.0, help="of the home, a document")
    given = parser.parse_args()
    rates = Rates(given.pdf, given.record, given.scan, given.sql, given.prefect)
    each = rates.worker(*given.mix)
    seconds = DAYS * HOURS * 3600
    print(f"a document costs {each:.2f} s of a worker's core, {rates.sql:.2f} s of PostgreSQL's, "
          f"{rates.prefect:.2f} s of the Prefect server's")  # fmt: skip
    print(" documents/year  peak/s   worker cores  machines  SQL cores  Prefect  rows GB  files GB")
    for million in (0.1, 1, 10, 100):
        peak = million * 1e6 / seconds * PEAK
        _row(f"{million:12g} M", peak, each, rates, given, million * 1e6)
    print(f" machines of {given.cores} cores")
    for machines in (1, 10, 100):
        peak = machines * given.cores * BUSY / each
        _row(f"{machines:14}", peak, each, rates, given, peak / PEAK * seconds)


def _row(
    name: str, peak: float, each: float, rates: Rates, given: argparse.Namespace, yearly: float
) -> None:
    cores = peak * each / BUSY
    print(
        f"{name} {peak:9.2f} {cores:14.1f} {cores / given.cores:10.1f} "
        f"{peak * rates.sql / BUSY:11.1f} {peak * rates.prefect / BUSY:9.1f} "
        f"{yearly * given.row_kb / 1e6:9.0f} {yearly * given.file_kb / 1e6:10.0f}   "
        f"({yearly / 1e6:.1f} M a year)"
    )


if __name__ == "__main__":
    main()
