"""A model in a process of its own, seen from here (``flows.probe`` is its program)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from multiprocessing.connection import Connection, Pipe
from typing import Any


class Ended(Exception):
    """The process ended, or was ended because it did not answer; says how."""


class Child:
    """The process; it ends when we end, however that is."""

    def __init__(self, loader: str) -> None:
        ours, other = Pipe(duplex=True)
        self._connection: Connection[Any, Any] = ours
        known = [entry for entry in sys.path if entry]
        with other:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-P", "-m", "flows.probe", str(other.fileno()), loader],
                pass_fds=(other.fileno(),),
                stdin=subprocess.PIPE,  # held by us alone: the child ends when we end
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(known)},
                start_new_session=True,
            )

    @property
    def number(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    def ask(self, question: Any, limit_s: float) -> Any:
        """Return the answer; raises Ended."""
        try:
            self._connection.send(question)
            if not self._connection.poll(limit_s):
                self.kill()
                raise Ended(f"no answer in {limit_s:.0f} s")
            return self._connection.recv()
        except (EOFError, OSError):
            raise Ended(self._how()) from None

    def kill(self) -> None:
        """End it at once and wait for it."""
        self._process.kill()
        self._process.wait()

    def _how(self) -> str:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()
            return "no answer"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
