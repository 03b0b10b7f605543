"""Search's settings, read under `BACKLINE_SEARCH`."""

from dataclasses import dataclass

from services.kit.settings import setting


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Where search listens, whose catalogue it indexes, and how long a query may take."""

    host: str = setting("127.0.0.1", "Address to listen on; 0.0.0.0 in a container.")
    grpc_port: int = setting(7001, "Port of the gRPC API; 0 takes any free one.", at_least=0, at_most=65_535)
    operations_port: int = setting(
        9101, "Port of metrics, health and settings; 0 takes any free one.", at_least=0, at_most=65_535
    )
    catalog: str = setting("127.0.0.1:7002", "Where the catalog answers: host:port, a list of them, or file:PATH.")
    limit_s: float = setting(0.3, "Seconds that a call may take.", at_least=0.005)
    share_s: float = setting(
        0.005,
        "Seconds that looking for candidates may take of them. It runs on the event loop, so this is also how long one "
        "query may keep the others waiting.",
        at_least=0.0005,
        at_most=0.1,
    )
    export_limit_s: float = setting(
        900.0, "Seconds that reading the whole catalogue for a new index may take.", at_least=1
    )
