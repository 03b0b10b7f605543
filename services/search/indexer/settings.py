"""The indexer's settings, read under `BACKLINE_INDEXER`."""

from dataclasses import dataclass

from services.kit.settings import group, setting


@dataclass(frozen=True, slots=True)
class DeltaSettings:
    """How changes reach search between two full rebuilds."""

    settle_s: float = setting(0.1, "Seconds for which changes gather before a delta is built of them.", at_least=0)
    pause_s: float = setting(
        1.0,
        "Seconds between two deltas at least; three times as long as the last one took, if that is longer.",
        at_least=0,
    )
    most_rows: int = setting(
        20_000,
        "Changed items that a delta may hold; with more, a full rebuild is due. Removed items, which cost next to "
        "nothing, are ten times as many.",
        at_least=1,
    )


@dataclass(frozen=True, slots=True)
class RebuildSettings:
    """When a whole index is built."""

    every_s: float = setting(
        900.0, "Seconds after which a changed catalogue is indexed anew although a delta still holds it.", at_least=1
    )
    quiet_s: float = setting(
        2.0,
        "Seconds of silence after which more changes than a delta holds are indexed: an import is over.",
        at_least=0,
    )
    patience_s: float = setting(60.0, "Seconds after which they are indexed although it is not over.", at_least=0)
    export_limit_s: float = setting(
        900.0, "Seconds that reading the whole catalogue for a new index may take.", at_least=1
    )
    apart: bool = setting(
        True,  # noqa: FBT003 - a field's default
        "Whether whole indexes are built in a process of their own, which gives its memory back and stands behind "
        "everything else.",
    )


@dataclass(frozen=True, slots=True)
class RolloutSettings:
    """How new generations reach the search processes."""

    canary_s: float = setting(
        10.0, "Seconds for which one process serves a new generation before others do.", at_least=0
    )
    stagger_s: float = setting(2.0, "Seconds between one process and the next after that.", at_least=0)
    expire_s: float = setting(10.0, "Seconds after which a process that asks no more is forgotten.", at_least=0.1)
    limit_s: float = setting(
        1800.0,
        "Seconds after which a rollout ends anyway: with success if the first process serves the generation, whoever "
        "still cannot, else stopped.",
        at_least=1,
    )


@dataclass(frozen=True, slots=True)
class IndexerSettings:
    """Where the indexer listens, whose catalogue it indexes, and when it does what."""

    host: str = setting("127.0.0.1", "Address to listen on; 0.0.0.0 in a container.")
    operations_port: int = setting(
        9108,
        "Port of metrics, health, settings and index generations; 0 takes any free one.",
        at_least=0,
        at_most=65_535,
    )
    catalog: str = setting("127.0.0.1:7002", "Where the catalog answers: host:port, a list of them, or file:PATH.")
    flags: str = setting("127.0.0.1:7003", "Where flags come from: host:port, a list of them, or file:PATH.")
    golden_cpu_s: float = setting(
        0.02,
        "CPU seconds that the costliest golden query may take; a generation with a slower one is refused.",
        at_least=0,
    )
    delta: DeltaSettings = group(DeltaSettings)
    rebuild: RebuildSettings = group(RebuildSettings)
    rollout: RolloutSettings = group(RolloutSettings)
