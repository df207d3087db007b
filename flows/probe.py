"""The program of ``flows.apart``: ``python -m flows.probe FD MODULE:FUNCTION``.

A model in a process of its own: loads it, then answers what is asked of its engine.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

from doctally.errors import ConfigurationError, DoctallyError
from flows.engine import extract_each

_GRACE_S = 30.0


def main(descriptor: str, loader: str) -> None:
    """Answer until the other side is gone; end with it also in the middle of a document.

    The first message is (settings, limit_s), the answer the engine's version.
    """
    faulthandler.enable()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    connection: Connection[Any, Any] = Connection(int(descriptor))
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        settings, limit_s = connection.recv()
        module, _, name = loader.partition(":")
        load = getattr(import_module(module), name)
        try:
            engine = load(settings)
        except ConfigurationError as error:
            connection.send(error)
            return
        connection.send(engine.version)
        while True:
            verb, *given = connection.recv()
            # Ends what hangs without ever letting another thread run.
            many = max(len(given[0]), 1) if verb == "extract" else 1
            faulthandler.dump_traceback_later(limit_s * many + _GRACE_S, exit=True)
            answer = _answer(partial(load, settings), verb, given)
            faulthandler.cancel_dump_traceback_later()
            connection.send(answer)


def _answer(engine: Callable[[], Any], verb: str, given: Sequence[Any]) -> Any:
    """Return the answer, or the error that the engine raised; ``extract`` gives one a reading."""
    try:
        if verb == "extract":
            return extract_each(engine(), *given)
        if verb == "about":
            found = engine()
            return found.version, frozenset(getattr(found, "tasks", ()))
        return getattr(engine(), verb)(*given)
    except DoctallyError as error:
        return error
    except (RuntimeError, ValueError) as error:
        return DoctallyError(f"{type(error).__name__}: {error}", code="engine_error")


def _end_with_parent() -> None:
    os.read(0, 1)  # returns when nobody holds the other end of our standard input any more
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:3])
