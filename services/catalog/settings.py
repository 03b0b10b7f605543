"""The catalog's settings, read under `BACKLINE_CATALOG`."""

from dataclasses import dataclass

from services.kit.settings import setting


@dataclass(frozen=True, slots=True)
class CatalogSettings:
    """Where the catalog listens, and how long its calls may take."""

    host: str = setting("127.0.0.1", "Address to listen on; 0.0.0.0 in a container.")
    grpc_port: int = setting(7002, "Port of the gRPC API; 0 takes any free one.", at_least=0, at_most=65_535)
    operations_port: int = setting(
        9102, "Port of metrics, health and settings; 0 takes any free one.", at_least=0, at_most=65_535
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
