"""What one service tells of itself: its own metric registry, log and tracer; nothing is global to the process.

Instruments are bound once, when a service opens. A hot path holds a bound one and never looks labels up.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector

from services.kit.clock import Clock
from services.kit.context import RequestContext, Trace, current, entered
from services.kit.instruments import Bound, BoundCounter, BoundGauge, BoundTiming, Family
from services.kit.lifecycle import background
from services.kit.logs import Logger
from services.kit.signals import Counter, Gauge, Metric, ProcessSignals, Timing
from services.kit.tracing import Tracer

B = TypeVar("B", bound=Bound)


@dataclass(frozen=True, slots=True)
class Telemetry:
    """One service's instruments. `tracer` is None unless traces are exported somewhere."""

    service: str
    log: Logger
    tracer: Tracer | None
    registry: CollectorRegistry
    _families: dict[str, Family]

    def counter(self, spec: Counter, **labels: str) -> BoundCounter:
        """Return the counter with these labels, made now if it is new."""
        return self._bound(BoundCounter, spec, labels)

    def gauge(self, spec: Gauge, **labels: str) -> BoundGauge:
        """Return the gauge with these labels, made now if it is new."""
        return self._bound(BoundGauge, spec, labels)

    def timing(self, spec: Timing, **labels: str) -> BoundTiming:
        """Return the histogram with these labels, made now if it is new."""
        return self._bound(BoundTiming, spec, labels)

    def entered(self, name: str, request: RequestContext) -> AbstractContextManager[None]:
        """Make the request the current one for the block, in a span of its own where it is traced."""
        trace = request.trace if self.tracer and request.sampled else None
        return _in_span(self.tracer, name, request, trace) if self.tracer and trace else entered(request)

    @property
    def trace(self) -> Trace | None:
        """What spans of the current request belong to; None where it is not traced, which is nearly always."""
        request = current() if self.tracer else None
        return request.trace if request and request.sampled else None

    def _bound(self, kind: type[B], spec: Metric, labels: dict[str, str]) -> B:
        bound = self._families[spec.name].bound(labels)
        if not isinstance(bound, kind):
            raise TypeError(f"{spec.name} is declared as another kind of metric")
        return bound


@contextmanager
def _in_span(tracer: Tracer, name: str, request: RequestContext, parent: Trace) -> Iterator[None]:
    with tracer.span(name, parent) as inner, entered(request._replace(traceparent=inner.traceparent())):
        yield


def make_telemetry(service: str, metrics: Iterable[Metric], log: Logger, tracer: Tracer | None = None) -> Telemetry:
    """Return instruments for the metrics, in a registry of their own beside the process's memory and CPU."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    families = {metric.name: Family(metric) for metric in metrics}
    for family in families.values():
        registry.register(family)
    return Telemetry(service, log, tracer, registry, families)


_LAG_TICK_S = 0.05
_LAG_WINDOW_S = 15.0


async def _watch_lag(gauge: BoundGauge, clock: Clock) -> None:
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
