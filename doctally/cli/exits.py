"""The exit codes, in one place, and which of our errors gives which."""

from __future__ import annotations

from enum import IntEnum

from doctally.errors import (
    AccessDenied,
    BadDocument,
    ConfigurationError,
    DoctallyError,
    MissingDependency,
)


class ExitCode(IntEnum):
    """What a script can tell from how the program ended."""

    DONE = 0
    USAGE = 1
    BAD_INPUT = 2
    MISSING_DEPENDENCY = 3
    NO_ACCESS = 5
    OTHER = 15
    INTERRUPTED = 130


_CODES: tuple[tuple[type[DoctallyError], ExitCode], ...] = (
    (BadDocument, ExitCode.BAD_INPUT),
    (ConfigurationError, ExitCode.USAGE),
    (MissingDependency, ExitCode.MISSING_DEPENDENCY),
    (AccessDenied, ExitCode.NO_ACCESS),
)


def code_of(error: BaseException) -> ExitCode:
    """Return the exit code that an error ends the program with."""
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.OTHER)
