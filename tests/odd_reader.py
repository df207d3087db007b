"""A reader for tests of the pool: does what the file says, in a reading process."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

from doctally.errors import UnreadableDocument
from doctally.pages import Part, Reading
from extractors.limits import ReadLimits


def read(path: Path, limits: ReadLimits, *, pages_only: bool, threads: int) -> Reading:
    """Return a reading that tells how it was called; or crash, hang, fail as the file says."""
    match path.read_text().split():
        case ["exit"]:
            os._exit(3)
        case ["once", mark] if not Path(mark).exists():
            Path(mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        case ["segfault"]:
            ctypes.string_at(0)
        case ["hang"]:
            time.sleep(3600)
        case ["memory", megabytes]:
            bytearray(int(megabytes) * 1_000_000)
        case ["answer", megabytes]:
            return Reading("x", parts=(Part("x", bytes(int(megabytes) * 1_000_000)),))
        case ["bug"]:
            raise ZeroDivisionError("by nothing")
        case ["bad"]:
            raise UnreadableDocument("It is bad.", code="damaged")
        case ["wait", seconds]:
            time.sleep(float(seconds))
        case _:
            pass
    told = {
        "pid": str(os.getpid()),
        "max_pages": str(limits.max_pages),
        "pages_only": str(pages_only),
        "heavy": " ".join(sorted({"torch", "prefect", "pytest", "sqlalchemy"} & set(sys.modules))),
        "print": str(print("a line that must not disturb the answers")),
    }
    return Reading(media_type=path.name, metadata=told)
