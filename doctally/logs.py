"""Log lines: for people, or one JSON object a line with the document and the run it is about.

What a line is about is given where it is known (``about(run=...)``) and is in every line that is
written meanwhile, also by other modules; a single line adds ``extra={"document": 12}``.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

NAMED = ("run", "document", "file", "state", "reason")
"""What a line may carry besides time, level, logger and message."""

_about: ContextVar[Mapping[str, Any]] = ContextVar("doctally_about")


@contextmanager
def about(**given: Any) -> Iterator[None]:
    """Name what the lines written inside are about: ``run``, ``document``."""
    before = subject()
    token = _about.set({**before, **{k: v for k, v in given.items() if v not in (None, "")}})
    try:
        yield
    finally:
        _about.reset(token)


def subject() -> Mapping[str, Any]:
    """Return what is written about now."""
    return _about.get({})


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object; a message of several lines stays one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **subject(),
        }
        own = {name: getattr(record, name, None) for name in NAMED}
        line |= {name: value for name, value in own.items() if value not in (None, "")}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def json_lines(name: str = "doctally", sink: TextIO | None = None) -> logging.Handler:
    """Return the handler that the logger writes JSON lines to from now on, alone."""
    handler = logging.StreamHandler(sink or sys.stderr)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger(name)
    for old in list(logger.handlers):
        logger.removeHandler(old)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return handler
