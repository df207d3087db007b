"""The program of a reading process.

``python -m extractors.worker FD MODULE:FUNCTION THREADS MEMORY_MB``; 0 MB: as much as there is.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import resource
import sys
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from doctally.errors import DoctallyError, UnreadableDocument
from extractors.child import OUT_OF_MEMORY

_GRACE_S = 30.0


def main(descriptor: str, reader: str, threads: str, memory_mb: str) -> None:
    """Answer each (path, limits, pages_only, timeout_s) until the other side is gone.

    A file that hangs ends this process also when nobody is left to kill it; one that needs more
    memory than allowed ends it after the answer, so that the next file finds a fresh process.
    """
    _bound(int(memory_mb))
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        _serve(descriptor, reader, threads, memory_mb)


def _serve(descriptor: str, reader: str, threads: str, memory_mb: str) -> None:
    connection: Connection[Any, Any] = Connection(int(descriptor))
    module, _, name = reader.partition(":")
    read = getattr(import_module(module), name)
    with Path(os.devnull).open("w") as nowhere:
        connection.send("ready")
        while True:
            path, limits, pages_only, timeout_s = connection.recv()
            faulthandler.dump_traceback_later(timeout_s + _GRACE_S, exit=True, file=nowhere)
            try:
                answer = read(path, limits, pages_only=pages_only, threads=int(threads))
            except MemoryError:
                answer = _too_big(memory_mb)
            except DoctallyError as error:
                answer = error
            except Exception as error:
                answer = UnreadableDocument(
                    f"The reader failed on this file ({type(error).__name__}: {error}).",
                    code="reader_crashed",
                )
            faulthandler.cancel_dump_traceback_later()
            try:
                connection.send(answer)
            except MemoryError:
                answer = _too_big(memory_mb)
                connection.send(answer)
            if isinstance(answer, DoctallyError) and answer.code == OUT_OF_MEMORY:
                return


def _bound(memory_mb: int) -> None:
    """Let this process write to at most so much memory of its own, where the system can say so.

    RLIMIT_DATA counts what is allocated, not the libraries and models that are only mapped.
    """
    if memory_mb:
        most = resource.getrlimit(resource.RLIMIT_DATA)[1]
        wanted = memory_mb * 1_000_000
        bound = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, most))


def _too_big(memory_mb: str) -> UnreadableDocument:
    return UnreadableDocument(
        f"Reading it takes more than {memory_mb} MB of memory; split it or print it to a new PDF.",
        code=OUT_OF_MEMORY,
    )


if __name__ == "__main__":
    main(*sys.argv[1:5])
