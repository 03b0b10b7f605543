"""The catalog's metrics, as data."""

from services.kit.signals import Gauge, Metric, ServerSignals

RPC = ServerSignals.of("catalog", "rpc")
GENERATION = Gauge("backline_catalog_generation_number", "Generation of the catalogue; grows with every change.")
ITEMS = Gauge("backline_catalog_stored_items", "Items in the catalogue, by kind.", ("kind",))

METRICS: tuple[Metric, ...] = (*RPC.all(), GENERATION, ITEMS)
