"""The command line: ``doctally --help``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from doctally.cli.app import run

    sys.exit(run(sys.argv[1:]))
