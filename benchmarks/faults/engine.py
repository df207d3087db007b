"""The stand-in for the model, and for the readers, of the worker that is made to fail.

Records need no model, so nothing of what is tested is left out; a file whose name says so hangs
the OCR, makes the model ask for more memory than there is, or has it killed for that.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from doctally.pages import Reading
from doctally.results import Extraction
from doctally.settings import Settings
from extractors.limits import ReadLimits
from extractors.read import read as really_read
from models.given import from_record

READER = "benchmarks.faults.engine:read"
LOADER = "benchmarks.faults.engine:load"
HANGS, STARVES, KILLED = "HANGS-OCR", "STARVES-MODEL", "KILLS-MODEL"
"""What text a document must hold to do so."""


class Engine:
    """Gives what records say; the rest is an unknown document."""

    version = "faults-1"

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        """Return one extraction per reading; raises MemoryError, or ends the process."""
        for reading in readings:
            supplier = reading.record.fields.get("supplier_name", "") if reading.record else ""
            if STARVES in supplier:
                bytearray(1 << 62)  # a MemoryError of the interpreter's own
            if KILLED in supplier:
                os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does when memory ends
        return [
            from_record(one) if one.record else Extraction("other", 0.0, {}, (), self.version)
            for one in readings
        ]


def load(_: Settings) -> Engine:
    """Return the engine."""
    return Engine()


def read(path: Path, limits: ReadLimits, *, pages_only: bool, threads: int) -> Reading:
    """Read as always, but for a scan whose last bytes say that the OCR hangs."""
    if HANGS.encode() in path.read_bytes()[-100:]:
        from extractors import ocr

        ocr.engine = _hang  # type: ignore[assignment]  # this process is ended for it
    return really_read(path, limits, pages_only=pages_only, threads=threads)


def _hang(threads: int) -> object:
    while True:
        time.sleep(60)
