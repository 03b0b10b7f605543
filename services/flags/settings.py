"""The settings of the flags service, read under `BACKLINE_FLAGS`."""

from dataclasses import dataclass

from services.kit.settings import Secret, setting


@dataclass(frozen=True, slots=True)
class FlagsSettings:
    """Where the flags service listens, what keeps its flags, and how many it serves."""

    host: str = setting("127.0.0.1", "Address to listen on; 0.0.0.0 in a container.")
    grpc_port: int = setting(7003, "Port of our own gRPC API; 0 takes any free one.", at_least=0, at_most=65_535)
    evaluation_port: int = setting(
        8013,
        "Port of flagd's evaluation API, where its clients look for it; 0 takes any free one.",
        at_least=0,
        at_most=65_535,
    )
    sync_port: int = setting(
        8015,
        "Port of flagd's sync API, where its clients look for it; 0 takes any free one.",
        at_least=0,
        at_most=65_535,
    )
    operations_port: int = setting(
        9103, "Port of metrics, health, settings and the page; 0 takes any free one.", at_least=0, at_most=65_535
    )
    page_names: str = setting(
        "",
        "Names that the flags page is reached by, separated by commas, beside addresses and names of one word: by any "
        "other name a page of somebody else's might read it (DNS rebinding).",
    )
    store: Secret = setting(
        Secret(),
        "Database that holds the flags, postgresql://user:password@host/name; empty for a SQLite file in the "
        "process's own folder, which needs nothing and serves one process.",
    )
    shipped: bool = setting(
        default=True, why="Whether the flags that Backline's own code asks for are written to a store that is empty."
    )
    limit_s: float = setting(10.0, "Seconds that a write or a read by hand may take.", at_least=0.1)
    evaluation_limit_s: float = setting(0.5, "Seconds that an evaluation for a remote caller may take.", at_least=0.01)
    kill_limit_s: float = setting(
        3_600.0, "Seconds for which a kill says who has not applied it; it stands whoever has.", at_least=1
    )
    settle_s: float = setting(
        15.0,
        "Seconds after its start in which this server takes no kill for confirmed: whoever was connected before may "
        "take ten to come back, and is not known until then.",
        at_least=0,
        at_most=300,
    )
    watchers: int = setting(
        500, "Processes of ours that may be connected; one too many is told to come back.", at_least=0, at_most=1_000
    )
    foreign_streams: int = setting(200, "Streams of flagd's clients that may be open.", at_least=0, at_most=1_000)
    watch_limit_s: float = setting(
        3_600.0, "Seconds after which a stream has to be opened again; spreads them over new replicas.", at_least=1
    )
    heartbeat_s: float = setting(
        5.0,
        "Seconds between signs of life on a stream on which nothing happens; no more than five, since our own "
        "processes take a server for dead that says nothing for fifteen.",
        at_least=0.01,
        at_most=5,
    )
