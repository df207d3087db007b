"""Supplier identity on generated name variants, and how long one look-up takes.

python benchmarks/suppliers.py [--firms 2000] [--asked 2000] [--seed 77]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime

from db import suppliers
from db.database import open_database
from doctally.suppliers import Seen, Supplier
from synth.dice import Dice
from synth.firms import firms, respelt


def main() -> None:
    """Print the share that is right, wrong and left open, by what the document tells."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--firms", type=int, default=2000)
    parser.add_argument("--asked", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=77)
    options = parser.parse_args()
    dice = Dice(f"firms-{options.seed}")
    made = firms(dice, options.firms)
    with tempfile.TemporaryDirectory() as folder, open_database(f"sqlite:///{folder}/s.db") as db:
        known = [Supplier(0, f.name, (f.tax_id,), (f.iban,), (f.domain,), address=f.address)
                 for f in made]  # fmt: skip
        suppliers.put(db, known, now=datetime.now(UTC))
        for told in ("name only", "name, address", "name, some numbers"):
            right = wrong = left = 0
            started = time.perf_counter()
            for _ in range(options.asked):
                firm = dice.pick(made)
                some = told == "name, some numbers"
                seen = Seen(
                    respelt(dice, firm.name),
                    firm.tax_id if some and dice.chance(0.5) else "",
                    firm.iban if some and dice.chance(0.5) else "",
                    firm.address if told != "name only" and dice.chance(0.8) else "",
                    f"info@{firm.domain}" if some and dice.chance(0.4) else "",
                )
                found = suppliers.resolve(db, seen)
                right += found is not None and found.supplier.name == firm.name
                wrong += found is not None and found.supplier.name != firm.name
                left += found is None
            spent = (time.perf_counter() - started) / options.asked * 1000
            asked = options.asked
            print(f"{told:<20} right {right / asked:.4f}  wrong {wrong / asked:.4f}  "
                  f"open {left / asked:.4f}  {spent:.1f} ms each")  # fmt: skip
        strangers = [respelt(dice, f.name) for f in firms(Dice("others"), options.firms + 500)
                     if f.name not in {m.name for m in made}][:300]  # fmt: skip
        taken = sum(suppliers.resolve(db, Seen(name)) is not None for name in strangers)
        print(f"strangers taken for a known firm: {taken} of {len(strangers)}")


if __name__ == "__main__":
    main()
