"""Shows in metrics which index is served, and what became of those that were assigned."""

from services.kit.telemetry import Telemetry
from services.search.index.follower import Follower
from services.search.index.library import Reason, Unusable
from services.search.index.swap import Change, Swap
from services.search.signals import (
    ASSIGNED,
    BUILT_AT,
    DELTA_DOCUMENTS,
    DELTA_HIDDEN,
    DELTA_SOURCE_GENERATION,
    DOCUMENTS,
    REFUSALS,
    SOURCE_GENERATION,
    SWAPS,
)


class Shown:
    """Told of each change and each refusal."""

    def __init__(self, telemetry: Telemetry, swap: Swap, follower: Follower) -> None:
        self._telemetry, self._swap = telemetry, swap
        # Made at the start, so that the first of each shows as a rise.
        self._swaps = {change: telemetry.counter(SWAPS, change=change) for change in Change}
        self._refusals = {reason: telemetry.counter(REFUSALS, reason=reason) for reason in Reason}
        telemetry.gauge(ASSIGNED).set_function(lambda: follower.answers)

    def changed(self, change: Change) -> None:
        """Count a change and show what is served now."""
        self._swaps[change].inc()
        base, delta, gauge = self._swap.base, self._swap.delta, self._telemetry.gauge
        if base is None:
            return
        manifest = base.generation.manifest
        for kind, count in manifest.document_counts.items():
            gauge(DOCUMENTS, kind=kind).set(count)
        gauge(BUILT_AT).set(manifest.built_at.timestamp())
        gauge(SOURCE_GENERATION).set(manifest.source_generation)
        newest = delta.generation.manifest if delta else manifest
        gauge(DELTA_SOURCE_GENERATION).set(newest.source_generation)
        gauge(DELTA_DOCUMENTS).set(newest.document_count if delta else 0)
        gauge(DELTA_HIDDEN).set(len(delta.hidden) if delta else 0)

    def refused(self, refusal: Unusable) -> None:
        """Count a refusal."""
        self._refusals[refusal.reason].inc()
