"""What the indexer shows of itself, as plain data: for the page, for `backline index`, for whoever asks."""

from collections.abc import Iterator
from datetime import datetime
from typing import TypedDict

from services.search.index.generations import Generation
from services.search.index.schema import HIDDEN
from services.search.indexer.cycle import Cycle
from services.search.indexer.following import Following
from services.search.indexer.rollout import Seen

_HIDDEN_ROW_BYTES = 4


class DeltaStatus(TypedDict):
    """The newest delta over a generation."""

    name: str
    built_at: str
    documents: int
    hidden: int
    size_bytes: int


class GenerationStatus(TypedDict):
    """One generation."""

    name: str
    status: str
    """serving, rolling_out, previous or bad."""
    built_at: str
    age_s: int
    source_generation: int
    documents: int
    document_counts: dict[str, int]
    size_bytes: int
    golden_mrr: float | None
    golden_worst_cpu_s: float | None
    delta: DeltaStatus | None


class ProcessStatus(TypedDict):
    """One search process."""

    process: str
    serving: str
    delta: str
    refused: str
    canary: bool
    seen_s: float
    """Since its last report."""


class BuildStatus(TypedDict):
    """Whole builds."""

    under_way: str
    """Why one is; empty where none is."""
    number: int
    """Of the last; counts from the start of the indexer."""
    outcome: str
    generation: str
    sentences: list[str]


class Status(TypedDict):
    """All of it."""

    generations: list[GenerationStatus]
    processes: list[ProcessStatus]
    build: BuildStatus
    held: str
    feed_connected: bool


def status(cycle: Cycle) -> Status:
    """Return what there is to show now."""
    now, last = cycle.clock.monotonic(), cycle.last
    following = cycle.stable
    return Status(
        generations=list(_generations(cycle)),
        processes=[_process(seen, cycle.rollout.canary, now) for _, seen in sorted(cycle.rollout.seen.items())],
        build=BuildStatus(
            under_way=cycle.building,
            number=last.number,
            outcome=last.outcome,
            generation=last.generation,
            sentences=list(last.sentences),
        ),
        held=cycle.held,
        feed_connected=bool(following and following.connected),
    )


def _generations(cycle: Cycle) -> Iterator[GenerationStatus]:
    for name, following in sorted(cycle.bases.items(), reverse=True):
        yield _generation(following, _standing(cycle, name), cycle.clock.now())


def _standing(cycle: Cycle, name: str) -> str:
    rollout = cycle.rollout
    standings = {rollout.previous: "previous", rollout.target: "rolling_out", rollout.stable: "serving"}
    return "bad" if name in rollout.bad else standings.get(name, "coming")


def _generation(following: Following, standing: str, now: datetime) -> GenerationStatus:
    manifest = following.base.manifest
    golden = manifest.golden
    return GenerationStatus(
        name=following.base.name,
        status=standing,
        built_at=manifest.built_at.isoformat(),
        age_s=max(0, round((now - manifest.built_at).total_seconds())),
        source_generation=manifest.source_generation,
        documents=manifest.document_count,
        document_counts=dict(manifest.document_counts),
        size_bytes=manifest.size_bytes,
        golden_mrr=golden.mrr if golden else None,
        golden_worst_cpu_s=golden.worst_cpu_s if golden else None,
        delta=_delta(following.delta) if following.delta else None,
    )


def _delta(delta: Generation) -> DeltaStatus:
    manifest = delta.manifest
    return DeltaStatus(
        name=delta.name,
        built_at=manifest.built_at.isoformat(),
        documents=manifest.document_count,
        hidden=hidden_count(delta),
        size_bytes=manifest.size_bytes,
    )


def hidden_count(delta: Generation) -> int:
    """Return how many of its base's documents a delta hides."""
    facts = delta.manifest.files.get(HIDDEN)
    return facts.size_bytes // _HIDDEN_ROW_BYTES if facts else 0


def _process(seen: Seen, canary: str, now: float) -> ProcessStatus:
    report = seen.report
    return ProcessStatus(
        process=report.process,
        serving=report.serving,
        delta=report.delta,
        refused=report.refused,
        canary=report.process == canary,
        seen_s=round(now - seen.at, 1),
    )
