"""Deltas: everything since the base as it is now, and nothing of what is gone."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from services.kit.errors import Unavailable
from services.kit.lifecycle import background
from services.search.clients.catalog import MemoryCatalogue
from services.search.domain.document import Kind
from services.search.domain.export import News, Reference, Row
from services.search.domain.rollout import Assignment
from services.search.index.generations import Generation, survey
from services.search.indexer.following import Following
from tests.search.indexer.indexing import NIGHTBUS, ROWS, Indexing, ids, track


@pytest.fixture
def indexing(tmp_path: Path) -> Indexing:
    """Return an indexer over a small catalogue."""
    return Indexing(tmp_path, MemoryCatalogue(7, ROWS))


@asynccontextmanager
async def followed(indexing: Indexing) -> AsyncGenerator[Following, None]:
    """Build a base and follow the catalogue from there."""
    store = indexing.cycle.store
    following = indexing.following(store.admit(await indexing.workshop.whole()))
    async with background(following.run()):
        yield following


async def found(following: Following, typed: str) -> list[str]:
    """Return what is found once the delta has everything."""
    await following.catch_up()
    assigned = Assignment(following.base.name, following.delta.name if following.delta else "")
    return ids(following.workshop.folder, assigned, typed)


async def test_while_nothing_changes_there_is_no_delta(indexing: Indexing) -> None:
    """Signs of life build nothing."""
    async with followed(indexing) as following:
        assert await found(following, "moon") == [f"inv:t{number}" for number in range(5)]
        assert following.delta is None


async def test_new_changed_and_removed_items_show(indexing: Indexing) -> None:
    """A new track is found, one that was renamed by its new name only, one that was taken down not at all."""
    async with followed(indexing) as following:
        await indexing.catalogue.change(track(7), track(1, "Glass Harbour"), removed=[Reference(Kind.TRACK, "inv:t2")])
        assert await found(following, "moon") == ["inv:t0", "inv:t3", "inv:t4", "inv:t7"]
        assert await found(following, "harbour") == ["inv:t1"]
        assert await found(following, "nightbus") == [
            *("inv:a1", "inv:r1", "inv:t0", "inv:t1", "inv:t3", "inv:t4", "inv:t7"),
        ]


async def test_each_delta_holds_everything_since_the_base(indexing: Indexing) -> None:
    """A change after another leaves the first in place; what is undone is as if it had never been."""
    async with followed(indexing) as following:
        await indexing.catalogue.change(removed=[Reference(Kind.TRACK, "inv:t2")])
        assert "inv:t2" not in await found(following, "moon")
        await indexing.catalogue.change(track(8))
        assert await found(following, "moon") == ["inv:t0", "inv:t1", "inv:t3", "inv:t4", "inv:t8"]
        await indexing.catalogue.change(track(2))
        assert "inv:t2" in await found(following, "moon")


async def test_documents_of_a_delta_have_the_present_names(indexing: Indexing) -> None:
    """Names come from the catalogue where the artist did not change, and of one who is gone there is none."""
    async with followed(indexing) as following:
        await indexing.catalogue.change(replace(NIGHTBUS, name="Daybus"), removed=[Reference(Kind.ALBUM, "inv:r1")])
        await indexing.catalogue.change(replace(track(9), artist_ids=("inv:a1", "inv:a2")))
        assert await found(following, "daybus") == ["inv:a1", "inv:t9"]
        assert await found(following, "ana lima") == ["inv:a2", "inv:t9"]
        await indexing.catalogue.change(track(10, "Solo"), removed=[Reference(Kind.ARTIST, "inv:a1")])
        assert await found(following, "solo") == ["inv:t10"]
        assert await found(following, "daybus") == []
        assert "inv:t0" in await found(following, "nightbus")  # a track of the base, until the next full rebuild


async def test_beyond_its_bound_a_delta_still_takes_removals(tmp_path: Path) -> None:
    """What does not fit waits for the rebuild; a takedown does not."""
    indexing = Indexing(tmp_path, MemoryCatalogue(7, ROWS), most_rows=3)
    async with followed(indexing) as following:
        await indexing.catalogue.change(*(track(number, "Storm") for number in range(100, 200)))
        await indexing.catalogue.change(removed=[Reference(Kind.TRACK, "inv:t2"), Reference(Kind.TRACK, "inv:t100")])
        assert len(await found(following, "storm")) == 2
        assert "inv:t2" not in await found(following, "moon")
        assert following.beyond_delta


async def test_another_catalogue_makes_no_delta(indexing: Indexing) -> None:
    """What was emptied is not told item by item; the base stays as it is until there is a new one."""
    async with followed(indexing) as following:
        await indexing.catalogue.change(track(50), reset=True)
        assert await found(following, "moon") == [f"inv:t{number}" for number in range(5)]
        assert following.changes.recorded.reset


async def test_another_catalogue_with_the_same_number_is_noticed(indexing: Indexing) -> None:
    """A catalogue that was removed and made anew may count to the same generation; what it holds differs."""
    base = indexing.cycle.store.admit(await indexing.workshop.whole())
    other = Indexing(indexing.folder, MemoryCatalogue(7, ROWS[:-1]))
    following = other.following(base)
    async with background(following.run()):
        await following.catch_up()
        assert following.changes.reset


async def test_a_delta_survives_a_restart(indexing: Indexing) -> None:
    """Whoever follows the same base next finds the delta, and nothing that was taken down comes back meanwhile."""
    async with followed(indexing) as following:
        await indexing.catalogue.change(removed=[Reference(Kind.TRACK, "inv:t2")])
        await following.catch_up()
    assert indexing.cycle.store.delta_of(following.base.name) == following.delta
    assert indexing.cycle.store.delta_of("gen-20260101T000000Z-00000000") is None


def next_process(indexing: Indexing, base: Generation) -> Following:
    """Return what follows the base in the indexer's next process."""
    following, delta = indexing.following(base), indexing.cycle.store.delta_of(base.name)
    assert delta is not None
    following.adopt(delta)
    return following


async def test_a_delta_that_holds_everything_is_not_built_again(indexing: Indexing) -> None:
    """A restart goes on with the one that is there, until something changes."""
    async with followed(indexing) as following:
        await indexing.catalogue.change(track(7), removed=[Reference(Kind.TRACK, "inv:t2")])
        await following.catch_up()
    following = next_process(indexing, following.base)
    before = following.delta
    async with background(following.run()):
        await following.catch_up()
        assert following.delta == before
        await indexing.catalogue.change(track(8))
        assert await found(following, "moon") == ["inv:t0", "inv:t1", "inv:t3", "inv:t4", "inv:t7", "inv:t8"]


class Piecemeal(MemoryCatalogue):
    """A catalogue that tells its first piece of news, and the others once it may."""

    def __init__(self, generation: int, rows: Sequence[Row], told: list[News]) -> None:
        super().__init__(generation, rows, told)
        self.may_go_on = asyncio.Event()

    async def watch(self, since_generation: int) -> AsyncGenerator[News, None]:
        """Yield news."""
        async for news in MemoryCatalogue.watch(self, since_generation):
            yield news
            await self.may_go_on.wait()


async def test_nothing_that_was_taken_down_comes_back_while_the_feed_is_read_again(indexing: Indexing) -> None:
    """A delta that is found at the start stays until the feed has told as much as it holds."""
    async with followed(indexing) as following:
        for number in (2, 3):
            await indexing.catalogue.change(removed=[Reference(Kind.TRACK, f"inv:t{number}")])
        await following.catch_up()
    known = indexing.catalogue
    slow = Piecemeal(known.generation, known.rows, known.told)
    restarted = Indexing(indexing.folder, slow)
    following, without = next_process(restarted, following.base), restarted.following(following.base)
    before = following.delta
    async with background(following.run(), without.run()):
        while without.delta is None:  # noqa: ASYNC110 - it is built of the first piece of news
            await asyncio.sleep(0.01)
        assert following.delta == before
        slow.may_go_on.set()
        await following.heard(known.generation)
        assert await found(following, "moon") == ["inv:t0", "inv:t1", "inv:t4"]


async def test_a_delta_of_a_catalogue_that_was_set_back_is_replaced(indexing: Indexing) -> None:
    """One that was restored from a copy knows nothing of what came after it."""
    async with followed(indexing) as following:
        await indexing.catalogue.change(removed=[Reference(Kind.TRACK, "inv:t2")])
        await following.catch_up()
    following = next_process(Indexing(indexing.folder, MemoryCatalogue(7, ROWS)), following.base)
    async with background(following.run()):
        while "inv:t2" not in await found(following, "moon"):
            pass


async def test_deltas_over_several_bases_wait_for_each_other(indexing: Indexing) -> None:
    """The present generation and the one before are followed at once, and neither is in the other's way."""
    base = indexing.cycle.store.admit(await indexing.workshop.whole())
    rows = [track(number) for number in range(100, 400)]
    deltas = await asyncio.gather(*(indexing.workshop.delta(base, rows, (), 8) for _ in range(3)))
    assert [delta.manifest.document_count for delta in deltas] == [300] * 3


class Restless(MemoryCatalogue):
    """A catalogue that changes with every item that is read of it, as it does while somebody imports."""

    async def read(self, wanted: Sequence[Reference]) -> Sequence[Row]:
        """Change, and answer."""
        await self.change(track(1_000 + self.generation))
        return await MemoryCatalogue.read(self, wanted)


async def test_a_catalogue_that_never_rests_is_caught_up_with(tmp_path: Path) -> None:
    """What was known when somebody began to wait is in the delta then; what came since is in the next."""
    indexing = Indexing(tmp_path, Restless(7, ROWS))
    async with followed(indexing) as following:
        await indexing.catalogue.change(track(7), removed=[Reference(Kind.TRACK, "inv:t2")])
        there = await found(following, "moon")
        assert "inv:t7" in there
        assert "inv:t2" not in there


class Faltering(MemoryCatalogue):
    """A catalogue whose feed breaks off after each piece of news, and that answers for items every other time."""

    reads = 0

    async def watch(self, since_generation: int) -> AsyncGenerator[News, None]:
        """Yield one piece of news and break off."""
        async for news in MemoryCatalogue.watch(self, since_generation):
            yield news
            raise Unavailable("The feed broke off.")

    async def read(self, wanted: Sequence[Reference]) -> Sequence[Row]:
        """Answer, or not."""
        self.reads += 1
        if self.reads % 2:
            raise Unavailable("The catalog restarts.")
        return await MemoryCatalogue.read(self, wanted)


async def test_a_feed_that_breaks_off_is_taken_up_where_it_was(tmp_path: Path) -> None:
    """Nothing is lost by breaks, of the feed or of calls."""
    indexing = Indexing(tmp_path, Faltering(7, ROWS))
    async with followed(indexing) as following:
        for number in (20, 21):
            await indexing.catalogue.change(track(number))
            assert f"inv:t{number}" in await found(following, "moon")


async def test_a_disk_that_takes_no_delta_leaves_the_one_before(indexing: Indexing) -> None:
    """The next try comes, and what is there goes on being served."""
    async with followed(indexing) as following:
        await indexing.catalogue.change(track(7))
        await following.catch_up()
        before = following.delta
        (indexing.folder / ".deltas" / ".lock").unlink()
        (indexing.folder / ".deltas" / ".lock").mkdir()
        failed = asyncio.Event()
        following.counted = lambda _outcome: failed.set()
        await indexing.catalogue.change(track(8))
        await failed.wait()
        assert following.delta == before
        (indexing.folder / ".deltas" / ".lock").rmdir()
        assert "inv:t8" in await found(following, "moon")
    assert survey(indexing.folder, "delta").refused == ()
