"""The process that tests/test_kill.py kills: works on the inbox with a quick fake engine."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fakes import FakeEngine

from doctally.pages import Reading
from doctally.results import Extraction
from doctally.settings import Settings
from flows.home import open_home
from flows.once import process_all


class SlowEngine(FakeEngine):
    """Takes a moment for each document, so that kills fall into its work too."""

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        time.sleep(0.04 * len(readings))
        return super().extract(readings)


if __name__ == "__main__":
    chosen = Settings(home=Path(sys.argv[1]), settle_s=0, readers=1, batch_size=8)
    with open_home(chosen, load_engine=lambda _: SlowEngine()) as home:
        print("working", flush=True)
        for batch in process_all(home, told=lambda _: None):
            print(len(batch.items), flush=True)
