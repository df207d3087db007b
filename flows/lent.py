"""Figures of the model server, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from flows.joint import Pass
from flows.measure import BUCKETS


class Figures:
    """Counts what the model server does."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "doctally_model_pass_seconds",
            "Time of a pass of the model",
            buckets=BUCKETS,
            registry=own,
        )
        self._documents = Counter("doctally_model_documents", "Documents read", registry=own)
        self._joined = Histogram(
            "doctally_model_callers", "Callers whose documents were read in one pass",
            buckets=(1, 2, 4, 8, 16, 32), registry=own,
        )  # fmt: skip
        self._waiting = Gauge(
            "doctally_model_waiting", "Documents that wait for a pass", registry=own
        )
        self._starts = Gauge(
            "doctally_model_starts", "Starts of the model's own process", registry=own
        )
        self.refused = Counter(
            "doctally_model_refused", "Calls that were refused, by reason", ["reason"], registry=own
        )
        for reason in ("token", "busy", "type", "size", "form"):
            self.refused.labels(reason)

    def watch(self, *, waiting: Callable[[], int], starts: Callable[[], int]) -> None:
        """Ask for these when figures are wanted."""
        self._waiting.set_function(waiting)
        self._starts.set_function(starts)

    def passed(self, done: Pass) -> None:
        """Count a pass."""
        if done.documents:
            self._seconds.observe(done.seconds)
            self._documents.inc(done.documents)
            self._joined.observe(done.callers)
