"""What one service tells of itself: its own metric registry, log and tracer; nothing is global to the process.

Instruments are bound once, when a service opens. A hot path holds a bound child and never looks labels up.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import prometheus_client as prometheus

from services.kit.clock import Clock
from services.kit.context import RequestContext, entered
from services.kit.lifecycle import background
from services.kit.logs import Logger
from services.kit.signals import Counter, Gauge, Metric, ProcessSignals, Timing
from services.kit.tracing import Tracer

BoundCounter: TypeAlias = prometheus.Counter
Family: TypeAlias = prometheus.metrics.MetricWrapperBase
F = TypeVar("F", bound=Family)


@dataclass(frozen=True, slots=True)
class Telemetry:
    """One service's instruments. `tracer` is None unless traces are exported somewhere."""

    service: str
    log: Logger
    tracer: Tracer | None
    registry: prometheus.CollectorRegistry
    _families: dict[str, Family]

    def counter(self, spec: Counter, **labels: str) -> BoundCounter:
        """Return the counter's child with these labels, made now if it is new."""
        return self._child(prometheus.Counter, spec, labels)

    def gauge(self, spec: Gauge, **labels: str) -> prometheus.Gauge:
        """Return the gauge's child with these labels, made now if it is new."""
        return self._child(prometheus.Gauge, spec, labels)

    def timing(self, spec: Timing, **labels: str) -> prometheus.Histogram:
        """Return the histogram's child with these labels, made now if it is new."""
        return self._child(prometheus.Histogram, spec, labels)

    @contextmanager
    def entered(self, name: str, request: RequestContext) -> Iterator[None]:
        """Make the request the current one for the block, in a span of its own where it is sampled."""
        trace = request.trace
        if self.tracer is None or trace is None or not trace.sampled:
            with entered(request):
                yield
        else:
            with self.tracer.span(name, trace) as inner, entered(replace(request, trace=inner)):
                yield

    def _child(self, kind: type[F], spec: Metric, labels: dict[str, str]) -> F:
        family = self._families[spec.name]
        child = family.labels(**labels) if labels else family
        if not isinstance(child, kind):
            raise TypeError(f"{spec.name} is declared as another kind of metric")
        return child


def make_telemetry(service: str, metrics: Iterable[Metric], log: Logger, tracer: Tracer | None = None) -> Telemetry:
    """Return instruments for the metrics, in a registry of their own beside the process's memory and CPU."""
    registry = prometheus.CollectorRegistry()
    prometheus.ProcessCollector(registry=registry)
    families = {metric.name: _family(metric, registry) for metric in metrics}
    return Telemetry(service, log, tracer, registry, families)


def _family(metric: Metric, registry: prometheus.CollectorRegistry) -> Family:
    match metric:
        case Counter():
            return prometheus.Counter(metric.name, metric.help, metric.labels, registry=registry)
        case Gauge():
            return prometheus.Gauge(metric.name, metric.help, metric.labels, registry=registry)
        case Timing():
            return prometheus.Histogram(
                metric.name, metric.help, metric.labels, buckets=metric.buckets_s, registry=registry
            )


_LAG_TICK_S = 0.05
_LAG_WINDOW_S = 15.0


async def _watch_lag(gauge: prometheus.Gauge, clock: Clock) -> None:
    """Sleep in short ticks and show by how much the worst of them overran, over this window and the one before."""
    worst_before = worst = 0.0
    window_ends = clock.monotonic() + _LAG_WINDOW_S
    while True:
        due = clock.monotonic() + _LAG_TICK_S
        await asyncio.sleep(_LAG_TICK_S)
        now = clock.monotonic()
        worst = max(worst, now - due)
        gauge.set(max(worst, worst_before))
        if now >= window_ends:
            worst_before, worst, window_ends = worst, 0.0, now + _LAG_WINDOW_S


@asynccontextmanager
async def lag_watched(telemetry: Telemetry, signals: ProcessSignals, clock: Clock) -> AsyncGenerator[None, None]:
    """Show the event loop's lag for as long as the block lasts."""
    async with background(_watch_lag(telemetry.gauge(signals.loop_lag), clock)):
        yield
