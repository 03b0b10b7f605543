"""The edge's metrics, as data."""

from services.kit.signals import ClientSignals, Counter, Metric, ServerSignals

HTTP = ServerSignals.of("edge", "http")
CLIENT = ClientSignals.of("edge")
DEGRADED = Counter(
    "backline_edge_degraded_answers_total", "Answers that left something out and said so, by reason.", ("reason",)
)
DEGRADED_REASONS = ("candidates_cut", "other")

METRICS: tuple[Metric, ...] = (*HTTP.all(), *CLIENT.all(), DEGRADED)
