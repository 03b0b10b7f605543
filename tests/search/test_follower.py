"""A search process serves what it is assigned, whole, and what it has whenever it cannot."""

import asyncio
import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from services.kit.errors import Exhausted, Failure, Unavailable
from services.kit.lifecycle import background
from services.search.clients.indexer import MemoryIndexer
from services.search.domain.engine import Engine
from services.search.domain.paging import START, Cursor
from services.search.domain.query import Query
from services.search.domain.ranking.rank import DEFAULT_RANKER, RANKERS, Ranker
from services.search.domain.rollout import Assignment, Report
from services.search.domain.search import Result
from services.search.index.generations import MANIFEST, FileFacts, Generation, checksum
from services.search.index.library import Reason
from services.search.index.swap import Change
from tests.search.machine import Publisher, assigned, open_machine
from tests.search.resident import resident_kib

Spoil: TypeAlias = Callable[[Generation], object]


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    """Return a publisher with a folder of its own."""
    return Publisher(tmp_path / "indexer")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of another machine."""
    return tmp_path / "index"


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclasses.dataclass(slots=True)
class Troubled:
    """An indexer that fails for as long as it is told to."""

    works: MemoryIndexer
    asking: Failure | None = None
    fetching: Failure | None = None
    fetches: int = 0
    may_fetch: asyncio.Event = dataclasses.field(default_factory=_set)
    """Unset, every fetch waits."""

    async def assignment(self, report: Report) -> Assignment:
        """Return what to serve."""
        if self.asking:
            raise self.asking
        return await self.works.assignment(report)

    async def fetch(self, name: str, file: str, into: Path, at_most_bytes: int) -> None:
        """Copy one file."""
        self.fetches += 1
        await self.may_fetch.wait()
        if self.fetching:
            raise self.fetching
        await self.works.fetch(name, file, into, at_most_bytes)


async def test_what_is_assigned_is_served(publisher: Publisher, folder: Path) -> None:
    """One generation after the other, and each report says what is served by then."""
    first, second, indexer = publisher.generation("Moon"), publisher.generation("River"), publisher.indexer
    async with open_machine(folder, indexer) as machine:
        for generation, title in ((first, "Moon"), (second, "River")):
            indexer.assigned = assigned(generation)
            await machine.follower.step()
            assert machine.found(title) == [f"id of {title}"]
            assert machine.current.get().generation == generation.name
        await machine.follower.step()
    assert list(dict.fromkeys(report.serving for report in indexer.reports)) == ["", first.name, second.name]
    assert machine.changes == [Change.GENERATION, Change.GENERATION]


async def test_going_back_needs_neither_disk_nor_indexer(publisher: Publisher, folder: Path) -> None:
    """What was served before is still open, whatever has become of its files, but holds no memory for them."""
    first, second, indexer = publisher.generation("Moon"), publisher.generation("River"), publisher.indexer
    async with open_machine(folder, indexer) as machine:
        for generation in (first, second):
            indexer.assigned = assigned(generation)
            await machine.follower.step()
            assert resident_kib(folder / generation.name) > 0
        assert resident_kib(folder / first.name) == 0
        shutil.rmtree(folder / first.name)
        shutil.rmtree(publisher.folder)
        indexer.assigned = assigned(first)
        await machine.follower.step()
        assert machine.found("Moon") == ["id of Moon"]
        assert machine.changes[-1] is Change.BACK


async def test_a_delta_adds_and_hides(publisher: Publisher, folder: Path) -> None:
    """New tracks are found and hidden ones are not; the base stays open, and without the delta it is as before."""
    base, indexer = publisher.generation("Moon", "Moonlight"), publisher.indexer
    async with open_machine(folder, indexer) as machine:
        indexer.assigned = assigned(base)
        await machine.follower.step()
        opened = machine.swap.base
        indexer.assigned = assigned(base, publisher.delta(base, "Moon River", hidden=[1]))
        await machine.follower.step()
        assert machine.found("Moon") == ["id of Moon River", "id of Moonlight"]
        indexer.assigned = assigned(base, publisher.delta(base, hidden=[1, 2]))
        await machine.follower.step()
        assert machine.found("Moon") == []
        indexer.assigned = assigned(base)
        await machine.follower.step()
        assert machine.found("Moon") == ["id of Moon", "id of Moonlight"]
        assert machine.swap.base is opened
    assert machine.changes == [Change.GENERATION, *[Change.DELTA] * 3]


async def test_no_search_is_disturbed_by_a_swap(publisher: Publisher, folder: Path) -> None:
    """Searches before, between and after the steps of a swap find what the generation that they name holds."""
    titles = ("Moon", "River", "Lantern")
    by_name = {publisher.generation(title).name: title for title in titles}
    indexer, seen = publisher.indexer, set[str]()
    async with open_machine(folder, indexer) as machine:

        async def search_for_ever() -> None:
            while True:
                if machine.current.served:
                    name = machine.current.get().generation
                    assert machine.found(by_name[name]) == [f"id of {by_name[name]}"]
                    seen.add(name)
                await asyncio.sleep(0)

        async with background(search_for_ever()):
            for name in by_name:
                indexer.assigned = Assignment(name)
                await machine.follower.step()
                await asyncio.sleep(0)
    assert seen == by_name.keys()


def generations_in(folder: Path) -> set[str]:
    """Return the names of the generations in a folder."""
    return {path.name for path in folder.glob("gen-*")}


def rewrite_manifest(generation: Generation, **changes: object) -> None:
    """Change fields of the manifest."""
    path = generation.path(MANIFEST)
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changes))


def cut_short(generation: Generation) -> None:
    """Take the end off a file."""
    path = generation.path("index.db")
    path.write_bytes(path.read_bytes()[:-1])


def no_index_at_all(generation: Generation) -> None:
    """Put something else in the index's place, with the right size and checksum."""
    path = generation.path("index.db")
    path.write_bytes(b"not what SQLite writes")
    facts = FileFacts(path.stat().st_size, checksum(path))
    files = {**generation.manifest.files, "index.db": facts}
    rewrite_manifest(generation, files={name: dataclasses.asdict(each) for name, each in files.items()})


REFUSED: dict[str, tuple[Spoil, Reason]] = {
    "cut-short": (cut_short, Reason.DAMAGED),
    "no-index": (no_index_at_all, Reason.DAMAGED),
    "format-unknown": (lambda generation: rewrite_manifest(generation, format_version=99), Reason.FORMAT),
    "too-large": (
        lambda generation: rewrite_manifest(generation, files={"index.db": {"size_bytes": 2**60, "sha256": ""}}),
        Reason.NO_ROOM,
    ),
}


@pytest.mark.parametrize(("spoil", "reason"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_served_is_refused(
    publisher: Publisher, folder: Path, spoil: Spoil, reason: Reason
) -> None:
    """The old generation serves on, the indexer is told, and it is not tried again at once; mended, it is served."""
    first, second = publisher.generation("Moon"), publisher.generation("River")
    sound = publisher.folder.parent / "sound"
    shutil.copytree(second.folder, sound)
    spoil(second)
    indexer = Troubled(publisher.indexer)
    async with open_machine(folder, indexer) as machine:
        for generation in (first, second):
            indexer.works.assigned = assigned(generation)
            await machine.follower.step()
        assert [(refusal.name, refusal.reason) for refusal in machine.refusals] == [(second.name, reason)]
        fetches = indexer.fetches
        await machine.follower.step()
        assert machine.found("Moon") == ["id of Moon"]
        assert (indexer.works.reports[-1].refused, indexer.fetches) == (second.name, fetches)
        shutil.rmtree(second.folder)
        sound.rename(second.folder)
        shutil.rmtree(folder / second.name, ignore_errors=True)
        machine.clock.advance(61)
        await machine.follower.step()
        assert machine.found("River") == ["id of River"]
        await machine.follower.step()
        assert indexer.works.reports[-1].refused == ""


async def test_a_refusal_does_not_stand_in_the_way_of_another(publisher: Publisher, folder: Path) -> None:
    """What is assigned in place of a refused generation is served at once, and the refusal is forgotten."""
    first, bad, third, indexer = *(publisher.generation(title) for title in ("Moon", "River", "Sun")), publisher.indexer
    cut_short(bad)
    async with open_machine(folder, indexer) as machine:
        for generation in (first, bad, third):
            indexer.assigned = assigned(generation)
            await machine.follower.step()
        assert machine.found("Sun") == ["id of Sun"]
        await machine.follower.step()
        assert indexer.reports[-1].refused == ""


async def test_a_delta_over_another_generation_is_refused(publisher: Publisher, folder: Path) -> None:
    """Its rows would hide the wrong documents."""
    first, second, indexer = publisher.generation("Moon"), publisher.generation("River"), publisher.indexer
    async with open_machine(folder, indexer) as machine:
        indexer.assigned = assigned(second)
        await machine.follower.step()
        delta = publisher.delta(first, hidden=[1])
        indexer.assigned = assigned(second, delta)
        await machine.follower.step()
        assert machine.found("River") == ["id of River"]
        assert [refusal.name for refusal in machine.refusals] == [delta.name]


async def test_a_new_generation_without_its_delta_is_not_served(publisher: Publisher, folder: Path) -> None:
    """What the delta takes down must not come back for a while, so the old pair serves on, and all else is closed."""
    first, second, indexer = publisher.generation("Moon"), publisher.generation("River", "Sun"), publisher.indexer
    delta = publisher.delta(second, hidden=[1])
    cut_short(delta)
    async with open_machine(folder, indexer) as machine:
        indexer.assigned = assigned(first)
        await machine.follower.step()
        indexer.assigned = assigned(second, delta)
        await machine.follower.step()
        assert machine.current.get().generation == first.name
        await machine.library.clear((), [publisher.generation("Later").name])
        assert generations_in(folder) == {first.name}


async def test_a_fetch_that_fails_is_tried_again_later(publisher: Publisher, folder: Path) -> None:
    """An indexer that breaks off says nothing against the generation: nothing is refused, and in a while it is had."""
    generation = publisher.generation("Moon")
    indexer = Troubled(publisher.indexer, fetching=Unavailable("It broke off."))
    indexer.works.assigned = assigned(generation)
    async with open_machine(folder, indexer) as machine:
        await machine.follower.step()
        indexer.fetching = None
        await machine.follower.step()
        assert (machine.current.served, machine.refusals) == (None, [])
        machine.clock.advance(6)
        await machine.follower.step()
        assert machine.found("Moon") == ["id of Moon"]
    assert {report.refused for report in indexer.works.reports} == {""}


async def test_who_fetches_for_long_goes_on_reporting(publisher: Publisher, folder: Path) -> None:
    """An indexer that hears nothing of a process takes it for dead, so its reports do not wait for the fetch."""
    indexer = Troubled(publisher.indexer)
    indexer.works.assigned = assigned(publisher.generation("Moon"))
    indexer.may_fetch.clear()
    async with open_machine(folder, indexer) as machine, background(machine.follower.follow(poll_s=0.001)):
        while not indexer.fetches or len(indexer.works.reports) < 5:  # noqa: ASYNC110 - it asks by polling
            await asyncio.sleep(0.001)
        assert machine.current.served is None
        indexer.may_fetch.set()
        while machine.current.served is None:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)
        assert machine.found("Moon") == ["id of Moon"]


@dataclasses.dataclass(slots=True)
class Slow:
    """An indexer from which whole generations come only once they may."""

    works: MemoryIndexer
    may_fetch: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)
    begun: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)

    async def assignment(self, report: Report) -> Assignment:
        """Return what to serve."""
        return await self.works.assignment(report)

    async def fetch(self, name: str, file: str, into: Path, at_most_bytes: int) -> None:
        """Copy one file."""
        if name.startswith("gen"):
            self.begun.set()
            await self.may_fetch.wait()
        await self.works.fetch(name, file, into, at_most_bytes)


async def test_who_fetches_for_long_goes_on_taking_deltas(publisher: Publisher, folder: Path) -> None:
    """What is taken down while a new index comes over a slow line is gone at once, and stays away when that is here.

    A delta over the old one that arrives after that changes nothing any more.
    """
    first, second = publisher.generation("Moon", "Moonlight"), publisher.generation("Moon", "River")
    shutil.copytree(first.folder, folder / first.name)
    indexer = Slow(publisher.indexer)
    indexer.works.assigned = assigned(first)
    async with open_machine(folder, indexer) as machine:
        await machine.follower.step()
        delta = publisher.delta(first, hidden=[1])
        indexer.works.assigned = dataclasses.replace(assigned(second), meanwhile=delta.name)
        async with background(machine.follower.follow(poll_s=0.001)):
            await indexer.begun.wait()
            while machine.found("Moon") != ["id of Moonlight"]:  # noqa: ASYNC110 - it asks by polling
                await asyncio.sleep(0.001)
            assert machine.current.get().generation == first.name
            indexer.works.assigned = assigned(second, publisher.delta(second, hidden=[1]))
            indexer.may_fetch.set()
            while machine.current.get().generation != second.name:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0)
            assert machine.found("Moon") == []
        assert await machine.swap.renew(assigned(first, delta)) is None
        assert machine.found("River") == ["id of River"]
        assert machine.swap.previous == assigned(first, delta)
    assert machine.changes == [Change.GENERATION, Change.DELTA, Change.GENERATION]


async def test_who_has_refused_an_index_goes_on_taking_deltas(publisher: Publisher, folder: Path) -> None:
    """Takedowns come to the old one too; a delta that is damaged is not fetched again at once, the next one is."""
    first, second, indexer = publisher.generation("Moon", "Moonlight"), publisher.generation("River"), publisher.indexer
    cut_short(second)
    bad, good = publisher.delta(first), publisher.delta(first, hidden=[1])
    cut_short(bad)
    async with open_machine(folder, indexer) as machine:
        indexer.assigned = assigned(first)
        await machine.follower.step()
        for delta in (bad, bad, bad, good):
            indexer.assigned = dataclasses.replace(assigned(second), meanwhile=delta.name)
            await machine.follower.step()
        assert machine.found("Moon") == ["id of Moonlight"]
        assert [refusal.name for refusal in machine.refusals] == [second.name, bad.name]
        assert machine.follower.refused == second.name


async def test_while_the_indexer_is_silent_all_serves_on(publisher: Publisher, folder: Path) -> None:
    """Whatever it answers instead of an assignment, searches find what they found, and the silence shows."""
    indexer = Troubled(publisher.indexer)
    indexer.works.assigned = assigned(publisher.generation("Moon"))
    async with open_machine(folder, indexer) as machine:
        await machine.follower.step()
        assert machine.follower.answers
        for failure in (Unavailable("It is away."), Exhausted("It knows enough processes.")):
            indexer.asking = failure
            await machine.follower.step()
            assert machine.found("Moon") == ["id of Moon"]
            assert not machine.follower.answers


async def test_without_an_indexer_a_start_serves_what_was_served(publisher: Publisher) -> None:
    """Not the newest: that may have been rolled back, or have a delta less; what cannot be read gives way."""
    first, second = publisher.generation("Moon", "Moonlight"), publisher.generation("River")
    delta = publisher.delta(first, hidden=[1])
    indexer = Troubled(publisher.indexer, asking=Unavailable("It is away."))
    async with open_machine(publisher.folder, indexer) as machine:
        await machine.follower.begin([Assignment(""), assigned(first, delta)], poll_s=60)
        assert machine.found("Moon") == ["id of Moonlight"]
    cut_short(delta)
    async with open_machine(publisher.folder, indexer) as machine:
        await machine.follower.begin([assigned(first, delta)], poll_s=60)
        assert machine.current.get().generation == second.name


async def test_without_indexer_and_memory_a_start_serves_the_newest(publisher: Publisher) -> None:
    """With the newest sound delta over it, so that what was taken down stays away."""
    publisher.generation("Moon")
    newest = publisher.generation("River", "Riverside")
    publisher.delta(newest, hidden=[1])
    cut_short(publisher.delta(newest))
    indexer = Troubled(publisher.indexer, asking=Unavailable("It is away."))
    async with open_machine(publisher.folder, indexer) as machine:
        await machine.follower.begin([], poll_s=60)
        assert machine.found("River") == ["id of Riverside"]


async def test_a_start_without_the_indexer_removes_nothing(publisher: Publisher) -> None:
    """What the indexer keeps for a rollback is not ours to remove before it has said what it keeps."""
    first, second = publisher.generation("Moon"), publisher.generation("River")
    indexer = Troubled(publisher.indexer, asking=Unavailable("It is away."))
    async with open_machine(publisher.folder, indexer) as machine:
        await machine.follower.begin([], poll_s=60)
        assert machine.current.get().generation == second.name
    assert generations_in(publisher.folder) == {first.name, second.name}


async def test_with_nothing_to_serve_a_start_waits(publisher: Publisher, folder: Path) -> None:
    """It asks until something is assigned."""
    indexer = Troubled(publisher.indexer, asking=Unavailable("It is away."))
    async with open_machine(folder, indexer) as machine:
        async with background(machine.follower.begin([], poll_s=0)):
            await asyncio.sleep(0.01)
            assert machine.current.served is None
            indexer.asking = None
            while not indexer.works.reports:  # noqa: ASYNC110 - the indexer is asked by polling
                await asyncio.sleep(0)
            indexer.works.assigned = assigned(publisher.generation("Moon"))
            while machine.current.served is None:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0)
        assert machine.found("Moon") == ["id of Moon"]


async def test_what_is_no_longer_needed_is_closed_and_removed(publisher: Publisher, folder: Path) -> None:
    """What is served, what was before it and what is to be kept stays; the rest goes from memory and disk."""
    generations, indexer = (
        [publisher.generation(title) for title in ("Moon", "River", "Sun", "Lantern")],
        publisher.indexer,
    )
    async with open_machine(folder, indexer) as machine:
        for generation in generations:
            indexer.assigned = assigned(generation, keep=generations[:1])
            await machine.follower.step()
        assert generations_in(folder) == {generations[number].name for number in (0, 2, 3)}


class Watched(Engine):
    """Notes what it is asked."""

    asked: list[tuple[str, str]]

    def search(
        self, query: Query, page_size: int, page: Cursor = START, ranker: Ranker = RANKERS[DEFAULT_RANKER]
    ) -> Result:
        """Note the query and answer it."""
        self.asked.append((self.generation, query.text))
        return super().search(query, page_size, page, ranker)


@pytest.fixture
def asked() -> Iterator[list[tuple[str, str]]]:
    """Return what engines were asked, generation by generation."""
    Watched.asked = []
    yield Watched.asked
    del Watched.asked


async def test_a_new_generation_is_warmed(publisher: Publisher, folder: Path, asked: list[tuple[str, str]]) -> None:
    """What is asked most often is asked of it before anybody waits; of a delta, and going back, nothing is."""
    first, second, indexer = publisher.generation("Moon"), publisher.generation("River"), publisher.indexer
    popular = ["moon", "moon", "river", "river", "sun", "sun", "lantern"]
    async with open_machine(folder, indexer, engine=Watched, popular=popular) as machine:
        for assignment in (assigned(first), assigned(first, publisher.delta(first)), assigned(second), assigned(first)):
            indexer.assigned = assignment
            await machine.follower.step()
    assert asked == [(each.name, query) for each in (first, second) for query in ("moon", "river", "sun")]
