"""/health and /metrics: whether it works, and figures for Prometheus, counted when asked."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from db import deliveries, documents
from db.waiting import model_version, waiting
from doctally.errors import DoctallyError
from doctally.results import State
from doctally.review.office import Office


class _Figures(Collector):
    def __init__(self, office: Office) -> None:
        self.office = office

    def collect(self) -> Iterable[Metric]:
        """Yield the figures of this moment."""
        database, now = self.office.database, self.office.now()
        counted = documents.counts(database)
        states = GaugeMetricFamily("doctally_documents", "Documents by state", labels=["state"])
        for state in State:
            states.add_metric([str(state)], counted.get(state, 0))
        yield states
        queue = waiting(database)
        yield GaugeMetricFamily(
            "doctally_review_queue_length", "Documents that wait for a person", queue.length
        )
        age = (now - queue.oldest).total_seconds() if queue.oldest else 0.0
        yield GaugeMetricFamily(
            "doctally_review_queue_age_seconds", "How long the oldest of them has waited", age
        )
        told = deliveries.counts(database)
        sent = GaugeMetricFamily(
            "doctally_deliveries", "Messages to other systems by state", labels=["state"]
        )
        for one in deliveries.DeliveryState:
            sent.add_metric([str(one)], told.get(one, 0))
        yield sent
        yield InfoMetricFamily(
            "doctally_model",
            "The bank version that read the latest document",
            value={"version": model_version(database)},
        )


def register(app: FastAPI, office: Office) -> None:
    """Add both routes; /health is open to everybody, /metrics takes a viewer."""
    registry = CollectorRegistry()
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
