"""The indexer's metrics, as data."""

from services.kit.flags.client.signals import METRICS as FLAGS
from services.kit.signals import ClientSignals, Counter, Gauge, Metric

CLIENT = ClientSignals.of("indexer")
BUILDS = Counter(
    "backline_indexer_builds_total", "Whole indexes built, by outcome: published, refused or failed.", ("outcome",)
)
REFUSED = Counter("backline_indexer_refused_builds_total", "Whole indexes refused, by the gate.", ("gate",))
BUILD_TIME = Gauge("backline_indexer_last_build_seconds", "How long the last whole index took, gates included.")
DELTAS = Counter("backline_indexer_deltas_total", "Deltas built, by outcome: published or failed.", ("outcome",))
ROLLOUTS = Counter(
    "backline_indexer_rollouts_total",
    "Rollouts that ended, by outcome: completed, stopped or rolled_back.",
    ("outcome",),
)
DOCUMENTS = Gauge(
    "backline_indexer_documents", "Documents in the generation that everybody serves, by kind.", ("kind",)
)
BUILT_AT = Gauge("backline_indexer_built_timestamp_seconds", "When the generation that everybody serves was built.")
DELTA_DOCUMENTS = Gauge("backline_indexer_delta_documents", "Documents in its delta.")
HIDDEN = Gauge("backline_indexer_hidden_documents", "Documents of it that its delta hides.")
CONNECTED = Gauge(
    "backline_indexer_feed_connected_state", "1 while the catalogue's changes are followed, 0 while they cannot be."
)
HELD = Gauge("backline_indexer_held_state", "1 while nothing new is rolled out until somebody asks, 0 otherwise.")
PROCESSES = Gauge(
    "backline_indexer_search_processes",
    "Search processes by what they serve: stable, target, other or nothing.",
    ("serving",),
)

METRICS: tuple[Metric, ...] = (
    *CLIENT.all(),
    *FLAGS,
    BUILDS,
    REFUSED,
    BUILD_TIME,
    DELTAS,
    ROLLOUTS,
    DOCUMENTS,
    BUILT_AT,
    DELTA_DOCUMENTS,
    HIDDEN,
    CONNECTED,
    HELD,
    PROCESSES,
)
