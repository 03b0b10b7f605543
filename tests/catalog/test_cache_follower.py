"""Whoever changes the store, the cache forgets it; and a silent store costs no more than it must."""

import asyncio
from random import Random

from services.catalog.api.wire import encode
from services.catalog.domain.items import Reference
from services.catalog.store.follower import Follower
from services.kit.errors import Unavailable
from services.kit.lifecycle import background
from tests.catalog.gated import Cached, cached, quiet_log, settled, tracks
from tests.catalog.invented import track
from tests.contract.catalog_stores import RECORD

ONE, TWO = tracks(1, 2)
SILENT = Unavailable("The store is silent.")


async def following(the: Cached) -> Follower:
    """Return a follower of the cache's store that has begun."""
    follower = Follower(the.gated, the.cache, the.clock, quiet_log())
    await follower.begin()
    return follower


async def test_what_another_process_takes_down_is_gone_after_one_look() -> None:
    """The item is asked for again and not found; what did not change is still answered from memory."""
    async with cached(track(1), track(2)) as the:
        follower = await following(the)
        await the.names(ONE, TWO)
        await the.gated.store.take_down(ONE, RECORD)
        await follower.look()
        assert await the.names(ONE, TWO) == [None, encode(track(2))]
        assert the.gated.asked == [[ONE, TWO], [ONE]]
        assert follower.generation == await the.gated.store.generation()


async def test_an_emptied_catalogue_is_forgotten_whole() -> None:
    """After a replacing import nothing of before is answered."""
    async with cached(track(1), track(2)) as the:
        follower = await following(the)
        await the.names(ONE, TWO)
        await the.gated.store.write([track(2, popularity=3)], replace=True)
        await follower.look()
        assert await the.names(ONE, TWO) == [None, encode(track(2, popularity=3))]


async def test_more_changes_than_one_answer_holds_are_not_read_one_by_one() -> None:
    """Everything is forgotten instead, and the follower stands where the store does."""
    async with cached(track(1)) as the:
        follower = await following(the)
        await the.names(ONE)
        for start in range(10, 3_010, 500):
            await the.gated.store.write([track(number) for number in range(start, start + 500)])
        await follower.look()
        assert the.cache.entries() == 0
        assert follower.generation == await the.gated.store.generation()


async def test_a_silent_store_is_asked_until_it_answers() -> None:
    """Meanwhile answers carry their age; afterwards the changes of that time are taken up."""
    async with cached(track(1)) as the:
        follower = await following(the)
        await the.names(ONE)
        async with background(follower.follow(0)):
            the.gated.failing = SILENT
            await settled()
            await the.gated.store.take_down(ONE, RECORD)
            the.clock.advance(5)
            await settled()
            assert await the.stale_ms(ONE) == the.cache.lag_s() * 1_000 == 5_000
            the.gated.failing = None
            await follower.until_after(follower.generation)
        assert await the.names(ONE) == [None]
        assert the.cache.lag_s() == 0


async def test_who_wrote_and_cannot_look_relies_on_nothing() -> None:
    """A takedown through this process is not answered from memory afterwards, even if the store falls silent."""
    async with cached(track(1)) as the:
        follower = await following(the)
        await the.names(ONE)
        the.gated.failing = SILENT
        await follower.written()
        assert the.cache.entries() == 0


async def test_everyone_who_waits_is_woken_by_a_change_and_by_the_end() -> None:
    """A change wakes those it is new to; the end wakes all."""
    async with cached() as the, asyncio.TaskGroup() as waiters:
        follower = await following(the)
        for_one = waiters.create_task(follower.until_after(0))
        for_more = waiters.create_task(follower.until_after(10))
        await the.gated.store.write([track(1)])
        await follower.look()
        await settled()
        assert (for_one.done(), for_more.done()) == (True, False)
        await follower.end()


async def test_once_the_follower_has_looked_readers_see_what_the_store_has() -> None:
    """Through any sequence of changes, readers, slow calls and looks, no answer is older than the last look."""
    chance, wanted = Random(7), tracks(*range(8))  # noqa: S311 - no secret
    async with cached(*map(track, range(8))) as the, asyncio.TaskGroup() as readers:
        follower = await following(the)
        for step in range(1, 400):
            (the.gated.gate.set, the.gated.gate.clear)[chance.random() < 0.5]()
            readers.create_task(the.names(*chance.sample(wanted, 3)))
            await settled()
            await change(the, chance.choice(wanted), step, chance)
            if chance.random() < 0.5:
                await follower.look()
                the.gated.gate.set()
                assert await the.names(*wanted) == [
                    kept and kept.wire for kept in await the.gated.store.get_many(wanted)
                ]


async def change(the: Cached, wanted: Reference, step: int, chance: Random) -> None:
    """Write to the item, or take it down, or restore it."""
    store = the.gated.store
    if chance.random() < 0.5:
        await store.write([track(int(wanted.id.removeprefix("test:")), popularity=step)])
    elif await store.get(wanted):
        await store.take_down(wanted, RECORD)
    else:
        await store.restore(wanted, RECORD)
