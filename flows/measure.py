"""Figures of the working process, for Prometheus, and traces, for whoever wants them.

The review server answers /metrics, another process works: this one leaves its figures as a file
in the home after every batch and every look, in Prometheus's text format, as programs do for
node_exporter. A figure starts at 0 with the process, as Prometheus expects.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from opentelemetry import trace
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from doctally.logs import subject
from flows.batch import Batch
from flows.instance import key_of

SUFFIX = ".metrics.prom"
FILE = f".doctally{SUFFIX}"
BUCKETS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)
log = logging.getLogger("doctally.document")
STEPS = ("read", "extract", "store", "file")


def figures_of(owner: str) -> str:
    """Return the name of the file of a worker that shares the home under this name."""
    return f".doctally.{key_of(owner)}{SUFFIX}"


class Meter:
    """Counts and times what this process does."""

    def __init__(self, tracer: trace.Tracer | None = None) -> None:
        self._tracer = tracer or trace.get_tracer("doctally")
        self.registry = CollectorRegistry()
        self._steps = Histogram(
            "doctally_step_seconds",
            "Time that a step of a batch took",
            ["step"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._ended = Counter(
            "doctally_ended", "Files that ended, by outcome", ["outcome"], registry=self.registry
        )
        self._pages = Counter(
            "doctally_pages", "Pages read, by where words came from", ["source"],
            registry=self.registry,
        )  # fmt: skip
        self._troubles = Counter(
            "doctally_troubles",
            "Times that work had to be tried again, by reason",
            ["code"],
            registry=self.registry,
        )
        self._seen = Gauge(
            "doctally_runner_seen_timestamp_seconds",
            "When the runner last looked for work",
            registry=self.registry,
        )
        for step in STEPS:
            self._steps.labels(step)

    @contextmanager
    def step(self, name: str, batch: Batch) -> Iterator[None]:
        """Time a step of a batch, and trace it."""
        began = time.perf_counter()
        with self._tracer.start_as_current_span(name):
            yield
        self._steps.labels(name).observe(time.perf_counter() - began)

    @contextmanager
    def batch(self, batch: Batch) -> Iterator[None]:
        """Trace the whole of a batch: its steps are inside."""
        numbers = [item.job.document_id for item in batch.items]
        given = {"doctally.documents": numbers, "doctally.run": subject().get("run", "")}
        with self._tracer.start_as_current_span("batch", attributes=given):
            yield

    def ended(self, batch: Batch) -> None:
        """Count how the files of a batch ended, and their pages."""
        for row in batch.rows():
            self._ended.labels(row.state.replace(" ", "_")).inc()
            log.info(
                "%s",
                row.state,
                extra={
                    "document": row.document_id,
                    "file": row.file,
                    "state": row.state,
                    "reason": row.reason,
                },
            )
        for item in batch.items:
            for page in item.reading.pages if item.reading else ():
                self._pages.labels(page.source).inc()

    def trouble(self, error: BaseException) -> None:
        """Count a failure that no document is to blame for."""
        self._troubles.labels(getattr(error, "code", type(error).__name__)).inc()

    def leave(self, home: Path, *, seat: str = "") -> None:
        """Write the figures for the review server; a full disk is no reason to stop working."""
        self._seen.set_to_current_time()
        target = home / (f".doctally.{seat}{SUFFIX}" if seat else FILE)
        part = target.with_name(f"{target.name}.part")
        with suppress(OSError):
            part.write_bytes(generate_latest(self.registry))
            part.replace(target)


class Measured(Protocol):
    """What has a meter."""

    @property
    def meter(self) -> Meter:
        """Return it."""


Given = ParamSpec("Given")
Owner = TypeVar("Owner", bound=Measured)
Step = Callable[Concatenate[Owner, Batch, Given], None]


def timed(name: str) -> Callable[[Step[Owner, Given]], Step[Owner, Given]]:
    """Return what makes a method that works on a batch a timed and traced step."""

    def around(work: Step[Owner, Given]) -> Step[Owner, Given]:
        @wraps(work)
        def measured(
            owner: Owner, batch: Batch, /, *args: Given.args, **kwargs: Given.kwargs
        ) -> None:
            with owner.meter.step(name, batch):
                work(owner, batch, *args, **kwargs)

        return measured

    return around
