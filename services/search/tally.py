"""Counts what searches did, source by source and in the cache, and remembers what was asked."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from services.kit.clock import Clock
from services.kit.instruments import BoundCounter
from services.kit.telemetry import Telemetry
from services.search.domain.cache import Cache
from services.search.domain.degrade import SHORT_QUERY_SKIPPED, SOURCES_SKIPPED
from services.search.domain.popular import Popular
from services.search.domain.query import Query
from services.search.domain.ranking.windows import Order
from services.search.domain.search import CANDIDATES_CUT, Result
from services.search.signals import (
    CACHE_READS,
    DEGRADED,
    SOURCE_CALLS,
    SOURCE_CONTRIBUTIONS,
    SOURCE_CUTS,
    SOURCE_SECONDS,
)

_REASONS = (CANDIDATES_CUT, SOURCES_SKIPPED, SHORT_QUERY_SKIPPED)


@dataclass(frozen=True, slots=True)
class _Source:
    """The counters of one candidate source."""

    calls: BoundCounter
    contributions: BoundCounter
    cuts: BoundCounter
    seconds: BoundCounter


class Tally:
    """Told of each query and what came of it."""

    def __init__(self, telemetry: Telemetry, sources: Iterable[str], popular: Popular, clock: Clock) -> None:
        self._telemetry, self._popular, self._clock = telemetry, popular, clock
        specs = (SOURCE_CALLS, SOURCE_CONTRIBUTIONS, SOURCE_CUTS, SOURCE_SECONDS)
        self._sources = {name: _Source(*(telemetry.counter(spec, source=name) for spec in specs)) for name in sources}
        self._degraded = {reason: telemetry.counter(DEGRADED, reason=reason) for reason in _REASONS}

    def note(self, query: Query, result: Result) -> None:
        """Count one search."""
        self._popular.note(query.text)
        for step in result.steps:
            source = self._sources[step.source]
            source.calls.value += 1
            source.cuts.value += step.cut
            source.seconds.value += step.ended_s - step.started_s
        for name in result.sources:
            self._sources[name].contributions.value += 1
        for reason in result.degraded:
            self._degraded[reason].value += 1
        tracer, trace = self._telemetry.tracer, self._telemetry.trace
        if tracer and trace:
            now_s = self._clock.monotonic()
            for step in result.steps:
                tracer.past(f"search.{step.source}", trace, now_s - step.started_s, step.ended_s - step.started_s)


class CountedCache(Cache[Order]):
    """A cache whose reads are metrics."""

    def __init__(self, size: int, telemetry: Telemetry) -> None:
        super().__init__(size)
        self._hit, self._miss = (telemetry.counter(CACHE_READS, outcome=outcome) for outcome in ("hit", "miss"))

    def get(self, key: Hashable) -> Order | None:
        """Return the answer; None where it is not there."""
        found = super().get(key)
        (self._miss if found is None else self._hit).value += 1
        return found
