"""The faults themselves: each does its harm while a worker works, and says what it did."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from benchmarks import papers
from benchmarks.faults.engine import HANGS, KILLED, STARVES
from benchmarks.faults.place import READ_TIMEOUT_S, Place
from benchmarks.papers import Paper

SCAN = Path("tests/documents/invoice_scan.jpg")
_BALLAST = ".ballast.part"


def kills(place: Place, count: int, *, each: int) -> str:
    """Kill the program at random moments while it claims, reads, stores and files.

    The moments are so many documents after the start, and a little more, so that a slow machine
    is not always killed while it starts. These workers are light.
    """
    done = 0
    while done < count:
        victim = place.start(light=True)
        place.feed(each)
        _wait(place)
        done += victim.kill()
    return f"{done} kills of the program"


def process_kills(place: Place, count: int) -> str:
    """Kill the program's readers, its model's own process, or all of it with them."""
    done = {"program": 0, "reader": 0, "model process": 0}
    victim = place.start()
    while sum(done.values()) < count:
        place.feed(12)
        _wait(place)
        if place.dice.random() < 0.3:
            done["program"] += victim.kill()
            victim = place.start()
            continue
        for number, module in victim.children().items():
            name = "model process" if module == "flows.probe" else "reader"
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
                done[name] += 1
    done["program"] += victim.kill()
    return ", ".join(f"{number} kills of the {name}" for name, number in done.items())


def _wait(place: Place) -> None:
    """Wait a moment, or for so many documents to be done and a moment; at most 20 s."""
    if place.dice.random() < 0.8:
        until, goal = time.monotonic() + 20, place.busy() - place.dice.randint(1, 12)
        while place.busy() > max(goal, 0) and time.monotonic() < until:
            time.sleep(0.01)
    time.sleep(place.dice.uniform(0, 0.3))


def full_disk(place: Place, times: int) -> str:
    """Fill the disk while it works, and free it again."""
    victim = place.start()
    ballast = place.settings.home / _BALLAST
    for _ in range(times):
        place.feed(20)
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))
        with suppress(OSError), ballast.open("ab", buffering=0) as file:
            while True:
                file.write(b"x" * 512)
        time.sleep(place.dice.uniform(2, 5))
        ballast.unlink()
        time.sleep(place.dice.uniform(1, 3))
    place.until(0)
    victim.kill()
    return f"{times} times full for 2 to 5 s"


def locks(place: Place, times: int) -> str:
    """Hold the database's lock longer than a worker waits for it."""
    victim = place.start()
    for _ in range(times):
        place.feed(20)
        time.sleep(place.dice.uniform(0.5, 1.5))
        if place.server is not None:
            with psycopg.connect(place.settings.url) as connection:
                connection.execute("LOCK TABLE documents IN ACCESS EXCLUSIVE MODE")
                time.sleep(4)
        else:
            file = place.settings.url.removeprefix("sqlite:///")
            connection = sqlite3.connect(file, timeout=60, isolation_level=None)
            connection.execute("BEGIN EXCLUSIVE")
            time.sleep(4)
            connection.execute("COMMIT")
            connection.close()
    place.until(0)
    victim.kill()
    return f"{times} times locked for 4 s"


def cut_connections(place: Place, times: int) -> str:
    """Cut every connection to PostgreSQL, and crash the server itself every tenth time."""
    server = place.server
    if server is None:
        return "no server to be cut from"
    ended = crashes = starts = 0
    name = place.settings.url.partition("@/")[2].partition("?")[0]
    victim = place.start()
    for turn in range(times):
        place.feed(10)
        _wait(place)
        if turn % 10 == 9:
            server.crash()
            crashes += 1
        else:
            ended += server.cut(name)
        if not victim.alive:
            victim, starts = place.start(), starts + 1
    end = time.monotonic() + 600
    while place.busy() and time.monotonic() < end:
        time.sleep(0.2)
        if not victim.alive:  # it was cut off while it started: the service manager starts it again
            victim, starts = place.start(), starts + 1
    victim.kill()
    return (
        f"{ended} connections cut, {crashes} crashes of the server, "
        f"{starts} starts of the program that met one"
    )


def hung_reading(place: Place, times: int) -> str:
    """Let the OCR hang on scans among other documents."""
    scan = SCAN.read_bytes()
    victim = place.start()
    for turn in range(times):
        place.give([Paper(f"S-{turn}.jpg", scan + f"{HANGS}-{turn}".encode())])
        place.feed(20)
    place.until(0, seconds=times * READ_TIMEOUT_S * 4 + 300)
    victim.kill()
    return f"{times} scans on which the OCR hangs"


def starved_model(place: Place, times: int) -> str:
    """Let the model run out of memory: an error half the time, the kernel's kill otherwise."""
    ends = 0
    victim = place.start()
    for turn in range(times):
        word = (STARVES, KILLED)[turn % 2]
        content = papers.invoice(f"M-{turn}")
        place.give([Paper(f"M-{turn}.xml", content.replace(b"Supplier ", f"{word} ".encode()))])
        place.feed(20)
        end = time.monotonic() + 120
        while place.busy() and time.monotonic() < end:
            time.sleep(0.2)
            if not victim.alive:
                ends += 1
                victim = place.start()  # as the service manager does
    victim.kill()
    return f"{times} documents too big for the model, which ended the program {ends} times"


def wrong_clock(place: Place, times: int) -> str:
    """Let the clock jump by up to 400 days at every look at it, and kill now and then."""
    for turn in range(times):
        victim = place.start(clock=place.dice.randrange(1 << 30))
        place.feed(30)
        if turn % 2:
            _wait(place)
        else:
            place.until(0)
        victim.kill()
    return f"{times} workers whose clock jumps, killed in the end"
