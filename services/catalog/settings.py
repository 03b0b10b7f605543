"""The catalog's settings, read under `BACKLINE_CATALOG`."""

from dataclasses import dataclass

from services.catalog.store.policy import CachePolicy
from services.kit.settings import Secret, group, setting


@dataclass(frozen=True, slots=True)
class CatalogSettings:
    """Where the catalog listens, what keeps its items, and how long its calls may take."""

    host: str = setting("127.0.0.1", "Address to listen on; 0.0.0.0 in a container.")
    grpc_port: int = setting(7002, "Port of the gRPC API; 0 takes any free one.", at_least=0, at_most=65_535)
    operations_port: int = setting(
        9102, "Port of metrics, health and settings; 0 takes any free one.", at_least=0, at_most=65_535
    )
    flags: str = setting("127.0.0.1:7003", "Where flags come from: host:port, a list of them, or file:PATH.")
    store: Secret = setting(
        Secret(),
        "Database that holds the catalogue, postgresql://user:password@host/name; empty for a SQLite file in the "
        "process's own folder, which needs nothing and serves one process.",
    )
    store_connections: int = setting(
        8,
        "Connections to that database that reads and writes of this process share; with those of every other process, "
        "and one for each export, less than the server's max_connections.",
        at_least=1,
        at_most=1_000,
    )
    cache: CachePolicy = group(CachePolicy)
    follow_s: float = setting(
        0.2,
        "Seconds between looks for changes that others made to the store; a takedown is seen everywhere within one.",
        at_least=0.01,
        at_most=10,
    )
    limit_s: float = setting(
        0.15, "Seconds that a read may take; an edge request has one second for all its parts.", at_least=0.005
    )
    export_limit_s: float = setting(
        900.0, "Seconds that an export of the whole catalogue may take; a million tracks take about ten.", at_least=1
    )
    import_limit_s: float = setting(
        14_400.0, "Seconds that an import may take; twenty million tracks take about half an hour.", at_least=1
    )
    change_limit_s: float = setting(
        30.0,
        "Seconds that a takedown or a restore may take; it waits for the batch of an import before it.",
        at_least=1,
    )
    watchers: int = setting(64, "Callers that may follow what changes.", at_least=0)
    watch_limit_s: float = setting(
        3_600.0, "Seconds after which such a caller has to ask again; spreads them over new replicas.", at_least=1
    )
    heartbeat_s: float = setting(
        5.0, "Seconds between signs of life to such a caller while nothing changes.", at_least=0.01
    )
