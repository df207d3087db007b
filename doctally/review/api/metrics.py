"""/health and /metrics: whether it works, and figures for Prometheus, counted when asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from db import deliveries, documents, gauges
from db.waiting import model_version, waiting
from doctally.errors import DoctallyError
from doctally.results import State
from doctally.review.office import Office
from flows.folders import Found, scan
from flows.measure import FILE, SUFFIX

DRIFT_EVERY = timedelta(minutes=5)


def _labelled(name: str, about: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=["state"])
    for state, number in values.items():
        family.add_metric([state], number)
    return family


class _Figures(Collector):
    def __init__(self, office: Office) -> None:
        self.office = office
        self._drift: tuple[datetime, float | None] | None = None

    def collect(self) -> Iterable[Metric]:
        """Yield the figures of this moment, from SQL, from the folders, from the runner."""
        yield from self._of_documents()
        yield from self._of_queues()
        yield from self._of_model()
        yield from self._of_runner()

    def _of_documents(self) -> Iterator[Metric]:
        counted = documents.counts(self.office.database)
        by_state = {str(state): counted.get(state, 0) for state in State}
        yield _labelled("doctally_documents", "Documents by state", by_state)
        told = deliveries.counts(self.office.database)
        sent = {str(one): told.get(one, 0) for one in deliveries.DeliveryState}
        yield _labelled("doctally_deliveries", "Messages to other systems by state", sent)

    def _of_queues(self) -> Iterator[Metric]:
        queue = waiting(self.office.database)
        work = gauges.in_work(self.office.database)
        inbox = [e for e in scan(self.office.folders.inbox) if isinstance(e, Found)]
        came = min((entry.ctime_ns for entry in inbox), default=0)
        since = datetime.fromtimestamp(came / 1e9, UTC) if inbox else None
        for name, about, length, oldest in (
            ("review_queue", "Documents that wait for a person", queue.length, queue.oldest),
            ("in_work", "Documents claimed and not ended", work.number, work.oldest),
            ("inbox", "Files that wait in the inbox", len(inbox), since),
        ):
            yield GaugeMetricFamily(f"doctally_{name}_length", about, length)
            waits = "How long the oldest of them waits"
            yield GaugeMetricFamily(f"doctally_{name}_age_seconds", waits, self._age(oldest))

    def _age(self, oldest: datetime | None) -> float:
        return max((self.office.now() - oldest).total_seconds(), 0.0) if oldest else 0.0

    def _of_model(self) -> Iterator[Metric]:
        yield InfoMetricFamily(
            "doctally_model",
            "The bank version that read the latest document",
            value={"version": model_version(self.office.database)},
        )
        yield GaugeMetricFamily(
            "doctally_ocr_share",
            "Share of the last day's pages whose words came by OCR",
            gauges.ocr_share(self.office.database, now=self.office.now()),
        )
        now = self.office.now()
        if self._drift is None or now - self._drift[0] > DRIFT_EVERY:
            self._drift = (now, gauges.drift(self.office.database))
        if self._drift[1] is not None:
            about = "How far the latest confidences differ from those before (stability index)"
            yield GaugeMetricFamily("doctally_confidence_drift", about, self._drift[1])

    def _of_runner(self) -> Iterator[Metric]:
        """Yield what the workers left; of several, each sample says of which it is."""
        together: dict[str, Metric] = {}
        for path in sorted(self.office.folders.home.glob(f"{FILE.removesuffix(SUFFIX)}*{SUFFIX}")):
            try:
                found = list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
            except (OSError, ValueError):  # none has worked here yet, or not as this version
                continue
            worker = path.name.removeprefix(".doctally").removesuffix(SUFFIX).removeprefix(".")
            for family in found:
                known = together.setdefault(family.name, family)
                if worker:
                    named = [
                        sample._replace(labels={**sample.labels, "worker": worker})
                        for sample in family.samples
                    ]
                    known.samples = [*(known.samples if known is not family else ()), *named]
                elif known is not family:
                    known.samples += family.samples
        yield from (family for name, family in together.items() if not name.endswith("_created"))


def register(app: FastAPI, office: Office) -> None:
    """Add both routes; /health is open to everybody, /metrics takes a viewer."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(office))

    @app.get("/health", include_in_schema=False)
    def health() -> JSONResponse:
        try:
            with office.database.read() as session:
                session.connection()
        except DoctallyError as error:
            return JSONResponse({"status": "down", "code": error.code}, 503)
        return JSONResponse({"status": "ok"})

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
