"""The program of a reading process: ``python -m extractors.worker FD MODULE:FUNCTION THREADS``."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from doctally.errors import DoctallyError, UnreadableDocument

_GRACE_S = 30.0


def main(descriptor: str, reader: str, threads: str) -> None:
    """Answer each (path, limits, pages_only, timeout_s) until the other side is gone.

    A file that hangs ends this process also when nobody is left to kill it.
    """
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        _serve(descriptor, reader, threads)


def _serve(descriptor: str, reader: str, threads: str) -> None:
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
            except DoctallyError as error:
                answer = error
            except Exception as error:
                answer = UnreadableDocument(
                    f"The reader failed on this file ({type(error).__name__}: {error}).",
                    code="reader_crashed",
                )
            faulthandler.cancel_dump_traceback_later()
            connection.send(answer)


if __name__ == "__main__":
    main(*sys.argv[1:4])
