"""Counters, gauges and timings as plain numbers, which become metrics when somebody asks for them.

Only the event loop's thread changes them, so they need no lock. prometheus_client's own instruments take one for every
number; beside a call through gRPC, that alone would be five per cent of the time.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from typing import TypeAlias

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString  # the text of a bucket's bound, as Prometheus has it

from services.kit.signals import Counter, Gauge, Metric, Timing

Labels: TypeAlias = tuple[str, ...]
Shown: TypeAlias = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


@dataclass(slots=True)
class BoundCounter:
    """One counter. A hot path may add to the value itself."""

    value: float = 0

    def inc(self) -> None:
        """Count one more."""
        self.value += 1

    def show(self, family: CounterMetricFamily, labels: Labels) -> None:
        """Add the value to the family under the labels."""
        family.add_metric(labels, self.value)


@dataclass(slots=True)
class BoundGauge:
    """One gauge. A hot path may change the value itself."""

    value: float = 0
    _read: Callable[[], float] | None = None

    def set(self, value: float) -> None:
        """Show this value."""
        self.value = value

    def set_function(self, read: Callable[[], float]) -> None:
        """Show what the function returns, whenever it is asked for."""
        self._read = read

    def show(self, family: GaugeMetricFamily, labels: Labels) -> None:
        """Add the value to the family under the labels."""
        family.add_metric(labels, self._read() if self._read else self.value)


class BoundTiming:
    """One histogram of durations in seconds."""

    __slots__ = ("_bounds_s", "_counts", "_total_s")

    def __init__(self, bounds_s: Sequence[float]) -> None:
        self._bounds_s, self._total_s = bounds_s, 0.0
        # One bucket for each bound, each without those below it, and one for what is longer than all of them.
        self._counts = [0] * (len(bounds_s) + 1)

    def observe(self, seconds: float) -> None:
        """Count a duration."""
        self._counts[bisect_left(self._bounds_s, seconds)] += 1
        self._total_s += seconds

    def show(self, family: HistogramMetricFamily, labels: Labels) -> None:
        """Add the buckets to the family under the labels."""
        bounds = [str(floatToGoString(bound_s)) for bound_s in (*self._bounds_s, inf)]  # type: ignore[no-untyped-call] # it has no types
        family.add_metric(labels, list(zip(bounds, accumulate(self._counts), strict=True)), self._total_s)


Bound: TypeAlias = BoundCounter | BoundGauge | BoundTiming


class Family(Collector):
    """One metric, with an instrument for each combination of its labels."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._bound: dict[Labels, Bound] = {}
        if not metric.labels:
            self.bound({})

    def bound(self, labels: dict[str, str]) -> Bound:
        """Return the instrument with these labels, made now if it is new. Raises KeyError where labels do not fit."""
        values = tuple(labels.pop(name) for name in self._metric.labels)
        if labels:
            raise KeyError(f"{self._metric.name} has no label {', '.join(labels)}")
        if values not in self._bound:
            self._bound[values] = _instrument(self._metric)
        return self._bound[values]

    def collect(self) -> Iterator[Shown]:
        """Yield the metric as it is now."""
        shown = _SHOWN[type(self._metric)](self._metric.name, self._metric.help, labels=self._metric.labels)
        # A copy, since metrics are rendered in a thread of their own while the event loop may bind new ones.
        for labels, instrument in list(self._bound.items()):
            instrument.show(shown, labels)
        yield shown


_SHOWN = {Counter: CounterMetricFamily, Gauge: GaugeMetricFamily, Timing: HistogramMetricFamily}


def _instrument(metric: Metric) -> Bound:
    match metric:
        case Counter():
            return BoundCounter()
        case Gauge():
            return BoundGauge()
        case Timing():
            return BoundTiming(metric.buckets_s)
