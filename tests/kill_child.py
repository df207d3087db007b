"""The process that tests/test_kill.py kills: works on the inbox with a quick fake engine."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fakes import FakeEngine

from doctally.pages import Reading
from doctally.results import Extraction
from doctally.settings import Settings
from flows.home import open_home
from flows.once import process_all


class DeadlyEngine(FakeEngine):
    """Is ended, with its process, by a document that says so."""

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        for reading in readings:
            if "EXIT" in reading.text:
                os._exit(3)
            if "SEGFAULT" in reading.text:
                ctypes.string_at(0)
        print("extracting", flush=True)
        return super().extract(readings)


def load(_: Settings) -> DeadlyEngine:
    return DeadlyEngine()


if __name__ == "__main__":
    chosen = Settings(home=Path(sys.argv[1]), settle_s=0, readers=1, batch_size=8)
    with open_home(chosen, load_engine=load, apart_loader="kill_child:load") as home:
        print("working", flush=True)

        def told(item: object) -> None:
            print("read", flush=True)

        for batch in process_all(home, told=told):
            print("done", len(batch.items), flush=True)
