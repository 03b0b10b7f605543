"""An indexer over a catalogue in memory, in a folder of the test's own, at a pace for tests."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.kit.clock import ManualClock, SystemClock
from services.kit.lifecycle import background
from services.kit.logs import LogFormat, LogLevel, open_log
from services.search.clients.catalog import MemoryCatalogue
from services.search.domain.engine import Engine, Options
from services.search.domain.export import AlbumRow, ArtistRow, Row, TrackRow
from services.search.domain.query import Query
from services.search.domain.rollout import Assignment, Report
from services.search.index.delta import read_hidden
from services.search.index.generations import Generation, read
from services.search.index.reader import open_index
from services.search.indexer.changes import Changes
from services.search.indexer.cycle import Cycle
from services.search.indexer.due import Patience
from services.search.indexer.following import DeltaPolicy, Following
from services.search.indexer.judge import Judge
from services.search.indexer.listener import Listener
from services.search.indexer.rollout import Pace, Rollout
from services.search.indexer.store import Store
from services.search.indexer.workshop import Workshop
from tests.search.oracle import hit

NIGHTBUS, LIMA = ArtistRow("inv:a1", "Nightbus", popularity=900), ArtistRow("inv:a2", "Ana Lima", popularity=300)
LANTERNS = AlbumRow("inv:r1", "Sixty Lanterns", (), ("inv:a1",), "Nightbus", 2007, 800)


def track(number: int, title: str = "Paper Moon") -> TrackRow:
    """Return a track by Nightbus."""
    return TrackRow(f"inv:t{number}", f"{title} {number}", (), ("inv:a1",), album_id="inv:r1", popularity=700 - number)


ROWS: tuple[Row, ...] = (NIGHTBUS, LIMA, LANTERNS, *map(track, range(5)))
PATIENT = Patience(rebuild_s=3_600, quiet_s=0, patience_s=0)
QUICK = Pace(canary_s=0, stagger_s=0, expire_s=30)


@dataclass
class Heard(Listener):
    """Remembers what happened."""

    outcomes: list[str] = field(default_factory=list)
    gates: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    def built(self, outcome: str, seconds: float) -> None:
        """Remember a build."""
        assert seconds >= 0
        self.outcomes.append(outcome)

    def refused(self, gate: str) -> None:
        """Remember a refusal."""
        self.gates.append(gate)

    def ended(self, outcome: str) -> None:
        """Remember the end of a rollout."""
        self.ends.append(outcome)


@dataclass
class Indexing:
    """An indexer's parts and the catalogue that it follows."""

    folder: Path
    catalogue: MemoryCatalogue
    patience: Patience = PATIENT
    pace: Pace = QUICK
    most_rows: int = 100
    clock: ManualClock | SystemClock = field(default_factory=SystemClock)
    heard: Heard = field(default_factory=Heard)
    spoil: Callable[[Generation], Generation] = lambda candidate: candidate
    """Done to whole indexes before the gates see them."""
    pause: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
    """Awaited after each of them."""

    def __post_init__(self) -> None:
        """Put the parts together."""
        self.log = open_log("indexer", self.clock, LogFormat.TEXT, LogLevel.ERROR)
        self.workshop = Workshop(self.folder, self.catalogue, hit, self.clock, time.thread_time)
        self.cycle = self._cycle(self._build)

    async def _build(self) -> Generation:
        built = await self.workshop.whole()
        await self.pause()
        return self.spoil(built)

    def following(self, base: Generation, told: Callable[[], None] = lambda: None) -> Following:
        """Return what follows a base."""
        policy = DeltaPolicy(settle_s=0, pause_s=0)
        return Following(base, Changes(self.most_rows), self.workshop, policy, self.clock, self.log, told)

    def _cycle(self, build: Callable[[], Awaitable[Generation]]) -> Cycle:
        store, rollout = Store(self.folder, self.log), Rollout(self.pace)
        judge = Judge(store, golden_cpu_s=60)
        return Cycle(store, build, self.following, rollout, judge, self.patience, self.clock, self.log, self.heard)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Cycle, None]:
        """Let the cycle run, and wait until there is something to serve."""
        async with background(self.cycle.run()):
            await self.cycle.published.wait()
            yield self.cycle

    def assigned(self, process: str = "search", serving: str = "") -> Assignment:
        """Return what a process that reports is to serve."""
        return self.cycle.assignment(Report(process, serving))

    def found(self, typed: str, assigned: Assignment | None = None) -> list[str]:
        """Return the ids of what a process with this assignment finds, sorted."""
        return ids(self.folder, assigned or self.assigned(), typed)


def ids(folder: Path, assigned: Assignment, typed: str) -> list[str]:
    """Return the ids of what is found in a generation with its delta, sorted."""
    clock, options = SystemClock(), Options(budget_s=60)
    with open_index(read(folder / assigned.generation), clock.monotonic) as base:
        if not assigned.delta:
            return _ids(Engine(base, None, (), clock.monotonic, options), typed)
        delta = read(folder / assigned.delta)
        with open_index(delta, clock.monotonic) as over:
            return _ids(Engine(base, over, read_hidden(delta), clock.monotonic, options), typed)


def _ids(engine: Engine, typed: str) -> list[str]:
    return sorted(match.hit.decode() for match in engine.search(Query.of(typed), 100).hits)
