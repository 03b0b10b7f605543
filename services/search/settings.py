"""Search's settings, read under `BACKLINE_SEARCH`."""

from dataclasses import dataclass

from services.kit.settings import group, setting


@dataclass(frozen=True, slots=True)
class DegradeSettings:
    """From how many searches on, that wait for the event loop, how much is left out; a search is taken for 0.5 ms."""

    spare_sources: int = setting(
        32, "Searches that wait from which on only what was typed is looked for, not what may be meant.", at_least=1
    )
    short_queries: int = setting(
        64,
        "Searches that wait from which on one and two letters are answered from the cache or not at all.",
        at_least=1,
    )
    everything: int = setting(
        128, "Searches that wait from which on what is not in the cache is refused, to be tried again.", at_least=1
    )


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Where search listens, who tells it which index to serve, and how long a query may take."""

    host: str = setting("127.0.0.1", "Address to listen on; 0.0.0.0 in a container.")
    grpc_port: int = setting(7001, "Port of the gRPC API; 0 takes any free one.", at_least=0, at_most=65_535)
    operations_port: int = setting(
        9101, "Port of metrics, health and settings; 0 takes any free one.", at_least=0, at_most=65_535
    )
    indexer: str = setting(
        "127.0.0.1:9108", "Where the indexer's operations port answers: host:port, a list of them, or file:PATH."
    )
    flags: str = setting("127.0.0.1:7003", "Where flags come from: host:port, a list of them, or file:PATH.")
    poll_s: float = setting(
        1.0,
        "Seconds between two questions to the indexer; a takedown is gone from here within that and what it takes to "
        "publish it.",
        at_least=0.05,
        at_most=30,
    )
    ask_limit_s: float = setting(2.0, "Seconds that such a question may take.", at_least=0.1, at_most=30)
    fetch_limit_s: float = setting(
        600.0, "Seconds that fetching one file of an index may take; those of a million tracks have 200 MB.", at_least=1
    )
    warm_queries: int = setting(
        200,
        "Queries that a new index is searched for before it serves, those asked most often lately first; 0 for none.",
        at_least=0,
        at_most=10_000,
    )
    limit_s: float = setting(0.3, "Seconds that a call may take.", at_least=0.005)
    share_s: float = setting(
        0.005,
        "Seconds that looking for candidates may take of them. It runs on the event loop, so this is also how long one "
        "query may keep the others waiting.",
        at_least=0.0005,
        at_most=0.1,
    )
    sources_off: str = setting("", "Candidate sources that are not asked: names separated by commas, empty for none.")
    cache_entries: int = setting(
        10_000,
        "Ranked answers kept in memory, some three kilobytes each; 0 for none. A new index or delta begins anew.",
        at_least=0,
    )
    degrade: DegradeSettings = group(DegradeSettings)
