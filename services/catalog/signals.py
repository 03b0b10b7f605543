"""The catalog's metrics, as data."""

from services.kit.flags.client.signals import METRICS as FLAGS
from services.kit.signals import Counter, Gauge, Metric, ServerSignals

RPC = ServerSignals.of("catalog", "rpc")
GENERATION = Gauge("backline_catalog_generation_number", "Generation of the catalogue; grows with every change.")
ITEMS = Gauge("backline_catalog_stored_items", "Items in the catalogue, by kind.", ("kind",))
FOLLOWER_LAG = Gauge(
    "backline_catalog_follower_lag_seconds",
    "Time for which changes may have gone unnoticed here; above 1 the store is silent, and answers carry their age.",
)
WATCHERS = Gauge("backline_catalog_watch_watchers", "Callers that follow what changes.")
CACHE_READS = Counter(
    "backline_catalog_cache_reads_total",
    "References asked for, by how they were answered: hit, negative, stale (all from memory) or miss (by the store).",
    ("outcome",),
)
CACHE_ENTRIES = Gauge("backline_catalog_cache_held_entries", "References kept in memory.")
CACHE_SIZE = Gauge("backline_catalog_cache_size_bytes", "Memory that they take.")
CACHE_FETCHING = Gauge("backline_catalog_cache_fetching_items", "References that the store is being asked for.")

METRICS: tuple[Metric, ...] = (
    *RPC.all(),
    *FLAGS,
    GENERATION,
    ITEMS,
    FOLLOWER_LAG,
    WATCHERS,
    CACHE_READS,
    CACHE_ENTRIES,
    CACHE_SIZE,
    CACHE_FETCHING,
)
