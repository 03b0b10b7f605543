"""Search's metrics, as data."""

from services.kit.signals import ClientSignals, Counter, Gauge, Metric, ServerSignals

RPC = ServerSignals.of("search", "rpc")
CLIENT = ClientSignals.of("search")
DEGRADED = Counter(
    "backline_search_degraded_answers_total", "Answers that left something out and said so, by reason.", ("reason",)
)
DOCUMENTS = Gauge("backline_search_index_documents", "Documents in the index that is served, by kind.", ("kind",))
BUILT_AT = Gauge("backline_search_index_built_timestamp_seconds", "When the index that is served was built.")
SOURCE_GENERATION = Gauge(
    "backline_search_index_source_number", "Catalogue generation that the index that is served was built from."
)

METRICS: tuple[Metric, ...] = (*RPC.all(), *CLIENT.all(), DEGRADED, DOCUMENTS, BUILT_AT, SOURCE_GENERATION)
