"""Hosts of their own: network namespaces with a name, a cable and one road to the servers (root).

The servers listen at ``SERVERS``, which no packet reaches from outside this machine. A cable that
is pulled says nothing to either end: what was sent is lost, what was waited for does not come.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SERVERS = "10.231.255.1"


@dataclass(frozen=True, slots=True)
class Host:
    """A machine: network namespace, host name, cable."""

    number: int

    @property
    def name(self) -> str:
        """Return its host name, which is that of its namespace."""
        return f"doctally-{os.getpid()}-{self.number}"

    @property
    def cable(self) -> str:
        """Return our end of its cable."""
        return f"dt{os.getpid() % 100_000}h{self.number}"

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> subprocess.Popen[bytes]:
        """Return a process of this host."""
        renamed = ["unshare", "--uts", "sh", "-c", f'hostname {self.name}; exec "$@"', "--"]
        with log.open("ab") as sink:
            return subprocess.Popen(
                ["ip", "netns", "exec", self.name, *renamed, *command],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )

    def pull(self) -> None:
        """Pull the cable."""
        _ip("link", "set", self.cable, "down")

    def plug(self) -> None:
        """Plug it in again."""
        _ip("link", "set", self.cable, "up")

    def set_up(self) -> None:
        """Make the namespace and its cable."""
        ours, theirs = f"10.231.{self.number}.1", f"10.231.{self.number}.2"
        other = self.cable.replace("h", "n")
        _ip("netns", "add", self.name)
        _ip("link", "add", self.cable, "type", "veth", "peer", "name", other)
        _ip("link", "set", other, "netns", self.name)
        _ip("addr", "add", f"{ours}/30", "dev", self.cable)
        _ip("link", "set", self.cable, "up")
        there = ("-n", self.name)
        _ip(*there, "link", "set", "lo", "up")
        _ip(*there, "addr", "add", f"{theirs}/30", "dev", other)
        _ip(*there, "link", "set", other, "up")
        _ip(*there, "route", "add", "default", "via", ours)

    def take_down(self) -> None:
        """Remove both."""
        for command in (("netns", "del", self.name), ("link", "del", self.cable)):
            with suppress(subprocess.CalledProcessError):
                _ip(*command)


def possible() -> bool:
    """Tell whether namespaces can be made here."""
    if os.getuid() != 0 or not all(map(shutil.which, ("ip", "unshare"))):
        return False
    probe = Host(99)
    try:
        probe.set_up()
    except subprocess.CalledProcessError:
        return False
    finally:
        probe.take_down()
    return True


@contextmanager
def hosts(number: int) -> Iterator[list[Host]]:
    """Give so many hosts, each of which reaches the servers' address over its own cable."""
    made = [Host(n) for n in range(1, number + 1)]
    _ip("addr", "add", f"{SERVERS}/32", "dev", "lo")
    try:
        for host in made:
            host.set_up()
        yield made
    finally:
        for host in made:
            host.take_down()
        _ip("addr", "del", f"{SERVERS}/32", "dev", "lo")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, stderr=subprocess.DEVNULL)
