"""Search's metrics, as data."""

from services.kit.flags.client.signals import METRICS as FLAGS
from services.kit.signals import Counter, Gauge, Metric, ServerSignals

RPC = ServerSignals.of("search", "rpc")
DEGRADED = Counter(
    "backline_search_degraded_answers_total", "Answers that left something out and said so, by reason.", ("reason",)
)
SOURCE_CALLS = Counter("backline_search_source_calls_total", "Times that a candidate source was asked.", ("source",))
SOURCE_CONTRIBUTIONS = Counter(
    "backline_search_source_contributions_total", "Answers with a hit that the source found.", ("source",)
)
SOURCE_CUTS = Counter(
    "backline_search_source_cuts_total",
    "Times that a source's time was up before it had looked everywhere.",
    ("source",),
)
SOURCE_SECONDS = Counter(
    "backline_search_source_seconds_total", "Time that a source took, on the event loop.", ("source",)
)
CACHE_READS = Counter(
    "backline_search_cache_reads_total",
    "Looks for a ranked answer in the cache, by outcome: hit or miss.",
    ("outcome",),
)
BACKLOG = Gauge(
    "backline_search_backlog_seconds",
    "How long work waits on the event loop, pauses apart; what search leaves out goes by it.",
)

DOCUMENTS = Gauge("backline_search_index_documents", "Documents in the index that is served, by kind.", ("kind",))
BUILT_AT = Gauge("backline_search_index_built_timestamp_seconds", "When the index that is served was built.")
SOURCE_GENERATION = Gauge(
    "backline_search_index_source_number", "Catalogue generation that the index that is served was built from."
)
DELTA_DOCUMENTS = Gauge("backline_search_delta_documents", "Documents in the delta that is served over the index.")
DELTA_HIDDEN = Gauge("backline_search_delta_hidden_documents", "Documents of the index that the delta hides.")
DELTA_SOURCE_GENERATION = Gauge(
    "backline_search_delta_source_number", "Catalogue generation that index and delta together stand for."
)
SWAPS = Counter(
    "backline_search_index_swaps_total",
    "Changes of what is served: to another generation, to another delta, or back to the generation before.",
    ("change",),
)
REFUSALS = Counter(
    "backline_search_index_refusals_total",
    "Generations and deltas that were assigned and could not be served, by reason.",
    ("reason",),
)
ASSIGNED = Gauge("backline_search_index_assigned_state", "1 while the indexer answers, 0 while it is silent.")

METRICS: tuple[Metric, ...] = (
    *RPC.all(),
    *FLAGS,
    DEGRADED,
    SOURCE_CALLS,
    SOURCE_CONTRIBUTIONS,
    SOURCE_CUTS,
    SOURCE_SECONDS,
    CACHE_READS,
    BACKLOG,
    DOCUMENTS,
    BUILT_AT,
    SOURCE_GENERATION,
    DELTA_DOCUMENTS,
    DELTA_HIDDEN,
    DELTA_SOURCE_GENERATION,
    SWAPS,
    REFUSALS,
    ASSIGNED,
)
