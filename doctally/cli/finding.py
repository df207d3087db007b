"""What a check of ``doctally doctor`` returns, and how it tells of a doubt."""

from __future__ import annotations

from dataclasses import dataclass

from doctally.cli.exits import ExitCode


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found; ``code`` is DONE when all is well."""

    name: str
    detail: str
    code: ExitCode = ExitCode.DONE
    warning: bool = False


class Doubt(Exception):
    """Something works, but will not for long or not as meant; says what to do."""


def free_port(host: str, port: int, setting: str) -> str:
    """Return that nobody listens there; raises Doubt if somebody does, AccessDenied and more."""
    from flows.server import PortTaken, free_address

    try:
        free_address(host, port)
    except PortTaken:
        raise Doubt(f"port {port} is taken by another program; set {setting}") from None
    return f"port {port} is free"
