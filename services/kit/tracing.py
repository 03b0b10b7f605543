"""Spans, made only for sampled requests and only where they are exported: the SDK is not even imported otherwise."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Protocol

from services.kit.context import Trace

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider


class Tracer(Protocol):
    """Makes the spans of sampled requests."""

    def span(self, name: str, parent: Trace) -> "AbstractContextManager[Trace]":
        """Open a span under the parent; the block gets the trace that calls made in it belong to."""
        ...

    def past(self, name: str, parent: Trace, ago_s: float, took_s: float) -> None:
        """Make a span under the parent for what began so long ago and took so long."""
        ...


@asynccontextmanager
async def exporting_tracer(service: str, otlp_endpoint: str) -> AsyncGenerator[Tracer, None]:
    """Make a tracer that sends spans by OTLP over gRPC; what is still queued is sent when the block ends.

    A collector that is slow or gone costs nothing but its spans: the queue is bounded and a thread of its own sends.
    """
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - see above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - see above

    exporter = OTLPSpanExporter(endpoint=otlp_endpoint, insecure=otlp_endpoint.startswith("http://"), timeout=5)
    provider = _provider(service, BatchSpanProcessor(exporter))
    try:
        yield _SdkTracer(provider)
    finally:
        await asyncio.to_thread(provider.shutdown)


@contextmanager
def processing_tracer(service: str, processor: "SpanProcessor") -> Iterator[Tracer]:
    """Make a tracer that hands finished spans to the processor, which is shut down when the block ends."""
    provider = _provider(service, processor)
    try:
        yield _SdkTracer(provider)
    finally:
        provider.shutdown()


def _provider(service: str, processor: "SpanProcessor") -> "TracerProvider":
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - see above
    from opentelemetry.sdk.trace import TracerProvider, sampling  # noqa: PLC0415 - see above

    # Sampling is decided at the edge and arrives with the trace, so whatever is asked of the provider is recorded.
    provider = TracerProvider(
        sampler=sampling.ALWAYS_ON, resource=Resource({"service.name": service}), shutdown_on_exit=False
    )
    provider.add_span_processor(processor)
    return provider


class _SdkTracer:
    """Makes spans with the OpenTelemetry SDK."""

    def __init__(self, provider: "TracerProvider") -> None:
        from opentelemetry import trace  # noqa: PLC0415 - see above

        self._api = trace
        self._tracer = provider.get_tracer("backline")

    @contextmanager
    def span(self, name: str, parent: Trace) -> Iterator[Trace]:
        # Not made current for the SDK: what is called below finds its parent in our own context.
        span = self._tracer.start_span(name, context=self._under(parent))
        try:
            yield Trace(parent.trace_id, f"{span.get_span_context().span_id:016x}", sampled=True)
        finally:
            span.end()

    def past(self, name: str, parent: Trace, ago_s: float, took_s: float) -> None:
        began_ns = time.time_ns() - round(ago_s * 1e9)
        span = self._tracer.start_span(name, context=self._under(parent), start_time=began_ns)
        span.end(began_ns + round(took_s * 1e9))

    def _under(self, parent: Trace) -> "Context":
        remote = self._api.SpanContext(
            int(parent.trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=self._api.TraceFlags(1)
        )
        return self._api.set_span_in_context(self._api.NonRecordingSpan(remote))
