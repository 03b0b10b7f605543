"""The cache answers from memory what it may, asks the store for the rest once, and keeps nothing that has changed."""

import asyncio
from random import Random

import pytest

from services.catalog.api.wire import encode
from services.catalog.store.policy import CachePolicy
from services.catalog.store.shelf import ENTRY_BYTES, Entry, Shelf
from services.kit.errors import Unavailable
from tests.catalog.gated import cached, settled, tracks
from tests.catalog.invented import track

ONE, TWO, THREE = tracks(1, 2, 3)
SILENT = Unavailable("The store is silent.")
POLICY = CachePolicy()


async def test_what_was_read_is_not_asked_for_again() -> None:
    """The store is asked once for an item, whatever comes with it the second time, and answers are the same bytes."""
    async with cached(track(1), track(2)) as the:
        assert await the.names(ONE) == [encode(track(1))]
        assert await the.names(TWO, ONE) == [encode(track(2)), encode(track(1))]
        assert the.gated.asked == [[ONE], [TWO]]


async def test_an_item_is_asked_for_once_however_many_lack_it() -> None:
    """Readers who come while an item is being asked for wait for that call; only what nobody asks for is asked."""
    async with cached(track(1), track(2), track(3)) as the, asyncio.TaskGroup() as readers:
        the.gated.gate.clear()
        first = readers.create_task(the.names(ONE, TWO))
        await settled()
        others = [readers.create_task(the.names(TWO, THREE)) for _ in range(5)]
        await settled()
        assert the.cache.fetching() == 3
        the.gated.gate.set()
        assert await first == [encode(track(1)), encode(track(2))]
        assert [await other for other in others] == [[encode(track(2)), encode(track(3))]] * 5
        assert the.gated.asked == [[ONE, TWO], [THREE]]
        assert the.cache.fetching() == 0


async def test_a_reader_who_leaves_takes_nothing_from_the_others() -> None:
    """The call goes on when the reader who was first is cancelled, and what it brings is kept."""
    async with cached(track(1)) as the, asyncio.TaskGroup() as readers:
        the.gated.gate.clear()
        first = readers.create_task(the.names(ONE))
        await settled()
        second = readers.create_task(the.names(ONE))
        await settled()
        first.cancel()
        await settled()
        the.gated.gate.set()
        assert await second == [encode(track(1))]
        assert the.gated.asked == [[ONE]]


async def test_a_failure_reaches_everyone_who_waits_and_nobody_after() -> None:
    """All who lack an item hear why they cannot have it; once the store is back the next reader has it."""
    async with cached(track(1)) as the:
        the.gated.failing = SILENT
        outcomes = await asyncio.gather(the.names(ONE), the.names(ONE, TWO), return_exceptions=True)
        assert all(outcome is SILENT for outcome in outcomes)
        the.gated.failing = None
        assert await the.names(ONE) == [encode(track(1))]


async def test_an_old_item_is_answered_at_once_and_read_again_behind() -> None:
    """After its soft time an item is answered as it was while it is read anew; then the new one is answered."""
    async with cached(track(1)) as the:
        await the.names(ONE)
        await the.gated.store.write([track(1, popularity=5)])
        the.clock.advance(POLICY.soft_ttl_s)
        the.gated.gate.clear()
        assert await the.names(ONE) == [encode(track(1))]
        await settled()
        assert await the.names(ONE) == [encode(track(1))]
        the.gated.gate.set()
        await settled()
        assert await the.names(ONE) == [encode(track(1, popularity=5))]
        assert the.gated.asked == [[ONE], [ONE]]


async def test_what_was_read_in_a_burst_is_not_read_again_in_one() -> None:
    """Chance spreads the moments at which what was read one by one is due."""
    wanted = tracks(*range(50))
    async with cached(*map(track, range(50))) as the:
        for each in wanted:
            await the.cache.read([each])
        the.clock.advance(POLICY.soft_ttl_s * 0.9)
        await the.cache.read(wanted)
        await settled()
        again = {each for asked in the.gated.asked[50:] for each in asked}
        assert 0 < len(again) < 50


async def test_an_item_is_kept_when_reading_it_again_fails() -> None:
    """A store that is silent costs no item before the limit."""
    async with cached(track(1)) as the:
        await the.names(ONE)
        the.gated.failing = SILENT
        the.clock.advance(POLICY.soft_ttl_s)
        for _ in range(2):
            assert await the.names(ONE) == [encode(track(1))]
            await settled()


async def test_an_answer_says_its_age_once_changes_may_have_gone_unnoticed() -> None:
    """Up to a second nothing is said; after that the age counts from when all was last known to be so."""
    async with cached(track(1)) as the:
        await the.names(ONE)
        the.clock.advance(30)
        the.cache.confirm(the.clock.monotonic())
        the.clock.advance(1)
        assert await the.stale_ms(ONE) == 0
        the.clock.advance(1)
        assert await the.stale_ms(ONE) == 2_000
        assert await the.stale_ms(TWO) == 0
        assert await the.stale_ms(ONE, TWO) == 2_000
        assert the.cache.tally.stale.value == 2


async def test_after_the_limit_an_item_is_not_answered_from_memory() -> None:
    """An item that was not known to be so for too long needs the store, and fails where that is silent."""
    async with cached(track(1)) as the:
        await the.names(ONE)
        the.gated.failing = SILENT
        the.clock.advance(POLICY.stale_limit_s)
        assert await the.names(ONE) == [encode(track(1))]
        the.clock.advance(1)
        with pytest.raises(Unavailable):
            await the.names(ONE)
        the.gated.failing = None
        assert await the.names(ONE) == [encode(track(1))]
        assert await the.stale_ms(ONE) == 0


async def test_an_id_that_names_nothing_is_remembered_for_a_moment() -> None:
    """It is not looked up again and again, and what then comes by that id shows before long."""
    async with cached() as the:
        assert [await the.names(ONE), await the.names(ONE)] == [[None], [None]]
        assert the.gated.asked == [[ONE]]
        await the.gated.store.write([track(1)])
        the.clock.advance(POLICY.negative_ttl_s)
        assert await the.names(ONE) == [encode(track(1))]
        assert the.cache.tally.negative.value == 1


async def test_invented_ids_displace_no_item() -> None:
    """Whoever asks for ids that name nothing, however many, costs nobody else an item."""
    async with cached(track(1), policy=CachePolicy(entries=10)) as the:
        await the.names(ONE)
        for number in range(100, 200):
            await the.names(*tracks(number))
        assert the.cache.entries() == 2
        the.gated.asked.clear()
        await the.names(ONE)
        assert the.gated.asked == []


async def test_what_changed_is_forgotten_and_nothing_else() -> None:
    """The next reader of it asks the store; the rest stays."""
    async with cached(track(1), track(2)) as the:
        await the.names(ONE, TWO, THREE)
        await the.gated.store.write([track(1, popularity=5), track(3)])
        the.cache.forget([ONE, THREE])
        assert await the.names(ONE, TWO, THREE) == [encode(track(1, popularity=5)), encode(track(2)), encode(track(3))]
        assert the.gated.asked == [[ONE, TWO, THREE], [ONE, THREE]]


@pytest.mark.parametrize("everything", [False, True])
async def test_a_call_that_began_before_a_change_was_known_is_neither_kept_nor_joined(*, everything: bool) -> None:
    """It may have read what was before: who waits for it gets that, everyone afterwards what is now."""
    async with cached(track(1)) as the, asyncio.TaskGroup() as readers:
        the.gated.gate.clear()
        before = readers.create_task(the.names(ONE))
        await settled()
        await the.gated.store.write([track(1, popularity=5)])
        if everything:
            the.cache.forget_all()
        else:
            the.cache.forget([ONE])
        after = readers.create_task(the.names(ONE))
        await settled()
        the.gated.gate.set()
        assert await before == [encode(track(1))]
        assert await after == [encode(track(1, popularity=5))]
        assert await the.names(ONE) == [encode(track(1, popularity=5))]


async def test_reading_again_does_not_bring_back_what_has_been_forgotten() -> None:
    """A change that becomes known while an item is read again in the background wins."""
    async with cached(track(1)) as the:
        await the.names(ONE)
        the.clock.advance(POLICY.soft_ttl_s)
        the.gated.gate.clear()
        await the.names(ONE)
        await settled()
        await the.gated.store.write([track(1, popularity=5)])
        the.cache.forget([ONE])
        the.gated.gate.set()
        await settled()
        assert await the.names(ONE) == [encode(track(1, popularity=5))]


async def test_without_room_nothing_is_kept() -> None:
    """With no entries every read is the store's, and answers are as ever."""
    async with cached(track(1), policy=CachePolicy(entries=0)) as the:
        assert [await the.names(ONE, TWO) for _ in range(2)] == [[encode(track(1)), None]] * 2
        assert the.gated.asked == [[ONE, TWO]] * 2
        assert (the.cache.entries(), the.cache.size_bytes()) == (0, 0)


async def test_every_reference_is_counted_once() -> None:
    """By how it was answered: the counts add up to what was asked for."""
    async with cached(track(1), track(2)) as the:
        for wanted in ((ONE, THREE), (ONE, TWO, THREE), (TWO,)):
            await the.cache.read(wanted)
        tally = the.cache.tally
        assert (tally.hit.value, tally.miss.value, tally.negative.value, tally.stale.value) == (2, 3, 1, 0)


def test_a_shelf_lets_go_of_what_was_put_there_the_longest_ago() -> None:
    """What is put there again, as whatever is asked for is before long, is the last to go."""
    shelf = Shelf(max_entries=2, max_bytes=10_000)
    for each in (ONE, TWO, ONE, THREE):
        shelf.put(each, Entry(None))
    assert list(shelf.find([ONE, TWO, THREE])) == [ONE, THREE]


def test_what_has_no_room_at_all_displaces_nothing() -> None:
    """An entry larger than the whole shelf is not kept, and those that are there stay."""
    shelf = Shelf(max_entries=2, max_bytes=10_000)
    shelf.put(ONE, Entry(None))
    shelf.put(TWO, Entry(None, b"x" * 10_000))
    assert list(shelf.find([ONE, TWO])) == [ONE]


def test_a_shelf_never_holds_more_than_it_may() -> None:
    """Neither entries nor bytes pass their bounds, and the count of bytes is that of what is held."""
    chance = Random(1)  # noqa: S311 - no secret
    shelf, bound = Shelf(max_entries=8, max_bytes=8_000), 8_000
    for _ in range(500):
        wanted = chance.choice(tracks(*range(20)))
        size = chance.choice([0, 100, 2_500, 4_500])
        if chance.random() < 0.3:
            shelf.drop(wanted)
        else:
            shelf.put(wanted, Entry(None, b"x" * size))
        held = shelf.find(tracks(*range(20))).items()
        counted = sum(ENTRY_BYTES + len(id_) + 2 * len(entry.part) for (_, id_), entry in held)
        assert len(shelf) == len(held) <= 8
        assert shelf.size_bytes == counted <= bound
