"""Shows what the cycle does in metrics."""

from services.kit.telemetry import Telemetry
from services.search.indexer.cycle import Cycle
from services.search.indexer.listener import Listener
from services.search.indexer.signals import (
    BUILD_TIME,
    BUILDS,
    BUILT_AT,
    CONNECTED,
    DELTA_DOCUMENTS,
    DELTAS,
    DOCUMENTS,
    HELD,
    HIDDEN,
    PROCESSES,
    REFUSED,
    ROLLOUTS,
)
from services.search.indexer.status import hidden_count


class Shown(Listener):
    """Counts what happens, and shows what is served."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def built(self, outcome: str, seconds: float) -> None:
        """Count a whole build."""
        self._telemetry.counter(BUILDS, outcome=outcome).inc()
        self._telemetry.gauge(BUILD_TIME).set(seconds)

    def refused(self, gate: str) -> None:
        """Count a refusal."""
        self._telemetry.counter(REFUSED, gate=gate).inc()

    def delta(self, outcome: str) -> None:
        """Count a delta."""
        self._telemetry.counter(DELTAS, outcome=outcome).inc()

    def ended(self, outcome: str) -> None:
        """Count the end of a rollout."""
        self._telemetry.counter(ROLLOUTS, outcome=outcome).inc()

    def looked(self, cycle: Cycle) -> None:
        """Show what is served now, and by whom."""
        gauge, following = self._telemetry.gauge, cycle.stable
        gauge(HELD).set(bool(cycle.held))
        gauge(CONNECTED).set(bool(following and following.connected))
        for serving, count in _processes(cycle).items():
            gauge(PROCESSES, serving=serving).set(count)
        if following is not None:
            manifest, delta = following.base.manifest, following.delta
            gauge(BUILT_AT).set(manifest.built_at.timestamp())
            for kind, documents in manifest.document_counts.items():
                gauge(DOCUMENTS, kind=kind).set(documents)
            gauge(DELTA_DOCUMENTS).set(delta.manifest.document_count if delta else 0)
            gauge(HIDDEN).set(hidden_count(delta) if delta else 0)


def _processes(cycle: Cycle) -> dict[str, int]:
    """Return how many search processes serve what."""
    rollout = cycle.rollout
    counts = {"stable": 0, "target": 0, "other": 0, "nothing": 0}
    named = {rollout.target: "target", rollout.stable: "stable", "": "nothing"}
    for seen in rollout.seen.values():
        counts[named.get(seen.report.serving, "other")] += 1
    return counts
