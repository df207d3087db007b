"""Traces by OpenTelemetry, where somebody collects them: a span a batch, one inside for each step.

Without ``traces_url`` nothing is sent; a program around us that has set up OpenTelemetry itself
sees the spans all the same.
"""

from __future__ import annotations

from importlib.metadata import version

from opentelemetry import trace

from doctally.errors import MissingDependency
from doctally.settings import Settings


def tracer_of(settings: Settings) -> trace.Tracer:
    """Return what makes spans; they are sent in the background, a slow collector stops nothing.

    Raises MissingDependency without the packages of ``doctally[traces]``.
    """
    if not settings.traces_url:
        return trace.get_tracer("doctally")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingDependency(
            f"traces_url needs {error.name}: pip install 'doctally[traces]'"
        ) from error
    about = {"service.name": "doctally", "service.version": version("doctally")}
    provider = TracerProvider(resource=Resource.create(about))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(settings.traces_url)))
    return provider.get_tracer("doctally")
