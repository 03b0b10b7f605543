"""Counts answers that left something out, or are older than they should be, and said so."""

from collections.abc import Iterable

from services.edge.signals import DEGRADED, DEGRADED_REASONS
from services.kit.telemetry import Telemetry

STALE, OTHER_REASON = "stale", "other"


class Degraded:
    """Counts by reason; a reason that is not listed counts as another one, so that nobody can make new series."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._counts = {reason: telemetry.counter(DEGRADED, reason=reason) for reason in DEGRADED_REASONS}

    def count(self, reasons: Iterable[str]) -> None:
        """Count an answer that names these reasons."""
        for reason in reasons:
            self._counts.get(reason, self._counts[OTHER_REASON]).inc()
