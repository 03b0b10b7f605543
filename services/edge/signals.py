"""The edge's metrics, as data."""

from services.kit.context import Caller
from services.kit.flags.client.signals import METRICS as FLAGS
from services.kit.signals import ClientSignals, Counter, Metric, ServerSignals

HTTP = ServerSignals.of("edge", "http")
CLIENT = ClientSignals.of("edge")
DEGRADED = Counter(
    "backline_edge_degraded_answers_total", "Answers that left something out and said so, by reason.", ("reason",)
)
DEGRADED_REASONS = ("candidates_cut", "sources_skipped", "short_query_skipped", "stale", "suggest_paused", "other")
DROPPED = Counter(
    "backline_edge_dropped_attributes_total",
    "What requests said of their caller and could not be used.",
    ("attribute",),
)
DROPPED_ATTRIBUTES = (*(name for name in Caller._fields), "header", "other")

METRICS: tuple[Metric, ...] = (*HTTP.all(), *CLIENT.all(), *FLAGS, DEGRADED, DROPPED)
