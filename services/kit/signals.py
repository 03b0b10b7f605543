"""Metrics as data. Each service's signals.py lists its own; kit.telemetry binds them to the service's registry.

Names are `backline_<service>_<thing>_<unit>`; a counter's unit is `total`.
"""

from dataclasses import dataclass
from typing import TypeAlias

LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
"""Denser below 100 ms, where the promises are made."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts what only grows."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gauge:
    """Shows what goes up and down."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """Counts durations, in seconds, by buckets."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    buckets_s: tuple[float, ...] = LATENCY_BUCKETS_S


Metric: TypeAlias = Counter | Gauge | Timing


@dataclass(frozen=True, slots=True)
class ProcessSignals:
    """What every service's process shows of itself."""

    loop_lag: Gauge
    ready: Gauge

    @classmethod
    def of(cls, service: str) -> "ProcessSignals":
        """Return the process's metrics under the service's name."""
        return cls(
            Gauge(
                f"backline_{service}_loop_lag_seconds",
                "Longest time that the event loop was late by in the last 15 to 30 seconds.",
            ),
            Gauge(f"backline_{service}_ready_state", "1 while the service takes requests, 0 otherwise."),
        )

    def all(self) -> tuple[Metric, ...]:
        """Return them as a list."""
        return (self.loop_lag, self.ready)


@dataclass(frozen=True, slots=True)
class ServerSignals:
    """What a server shows of the calls it serves. `calls` counts by outcome; latency never does, to stay small."""

    latency: Timing
    calls: Counter
    in_flight: Gauge

    @classmethod
    def of(cls, service: str, protocol: str) -> "ServerSignals":
        """Return the server's metrics under the service's and the protocol's name (`rpc` or `http`)."""
        name = f"backline_{service}_{protocol}"
        return cls(
            Timing(f"{name}_latency_seconds", "Time from a call's arrival to its answer, by method.", ("method",)),
            Counter(f"{name}_calls_total", "Calls answered, by method and code.", ("method", "code")),
            Gauge(f"{name}_in_flight_calls", "Calls being served now, by method.", ("method",)),
        )

    def all(self) -> tuple[Metric, ...]:
        """Return them as a list."""
        return (self.latency, self.calls, self.in_flight)


@dataclass(frozen=True, slots=True)
class ClientSignals:
    """What a service shows of the calls it makes."""

    calls: Counter
    retries: Counter
    endpoints: Gauge

    @classmethod
    def of(cls, service: str) -> "ClientSignals":
        """Return the client's metrics under the calling service's name."""
        name = f"backline_{service}_client"
        return cls(
            Counter(f"{name}_calls_total", "Calls made, by target, method and code.", ("target", "method", "code")),
            Counter(f"{name}_retries_total", "Calls made again at another endpoint, by target.", ("target",)),
            Gauge(f"{name}_serving_endpoints", "Endpoints of a target that say they serve.", ("target",)),
        )

    def all(self) -> tuple[Metric, ...]:
        """Return them as a list."""
        return (self.calls, self.retries, self.endpoints)
