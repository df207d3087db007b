"""Ports for the servers of tests."""

from __future__ import annotations

import random

from flows.server import PortTaken, free_address

# Below 32768 the system gives none to outgoing connections (ip_local_port_range of Linux), so that
# nobody takes the port between this look and the server's start.
_FIRST, _LAST = 20_000, 32_000


def free_port() -> int:
    """Return a port of this machine that nobody listens on, another one at every call."""
    for _ in range(100):
        try:
            return free_address("127.0.0.1", random.randrange(_FIRST, _LAST)).port
        except PortTaken:
            continue
    raise AssertionError(f"no free port between {_FIRST} and {_LAST}")
