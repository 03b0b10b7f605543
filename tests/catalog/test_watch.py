"""CatalogService.Watch: whoever applies all that it sends has the catalogue, wherever the feed broke."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random

import pytest

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.watch import PART_BYTES, WatchApi, parts
from services.catalog.api.wire import item_bytes
from services.catalog.domain.items import Kind, Reference, Track
from services.catalog.domain.store import Delta, Kept, Stored
from services.catalog.store.follower import Follower
from services.catalog.store.memory import MemoryCatalog
from services.kit.errors import Exhausted, NotFound
from services.kit.grpc.rpc import MESSAGE_BOUND_BYTES
from tests.catalog.gated import cached, quiet_log, settled, tracks
from tests.catalog.invented import track
from tests.contract.catalog_stores import RECORD, rows

SELDOM_S = 3_600.0


@dataclass
class Served:
    """A store, a follower of it, and the feed of its changes."""

    store: MemoryCatalog
    follower: Follower
    api: WatchApi

    def watch(self, since: int = 0) -> AsyncGenerator[bytes, None]:
        """Open a feed."""
        return self.api.watch(pb.WatchRequest(since_generation=since))


@asynccontextmanager
async def served(heartbeat_s: float = SELDOM_S, most: int = 8) -> AsyncGenerator[Served, None]:
    """Open the feed of an empty store."""
    async with cached() as the:
        follower = Follower(the.gated, the.cache, the.clock, quiet_log())
        await follower.begin()
        yield Served(the.gated.store, follower, WatchApi(the.gated.store, follower, heartbeat_s, most))


@dataclass
class Mirror:
    """A follower's copy of the catalogue: items by kind and id, and the generation to ask from after a break."""

    generation: int = 0
    items: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def apply(self, message: bytes) -> None:
        """Take up one message."""
        answer = pb.WatchResponse.FromString(message)
        if answer.reset:
            self.items.clear()
        for item in answer.changed:
            kind = item.WhichOneof("item") or ""
            self.items[kind, getattr(item, kind).id] = item.SerializeToString(deterministic=True)
        for gone in answer.removed:
            self.items.pop((pb.Kind.Name(gone.kind).removeprefix("KIND_").lower(), gone.id), None)
        self.generation = answer.generation


async def whole(store: MemoryCatalog) -> dict[tuple[str, str], bytes]:
    """Return what an export gives, as a mirror has it."""
    return {
        (row.reference.kind, row.reference.id): item_bytes(row.reference.kind, row.kept) for row in await rows(store)
    }


async def test_the_first_message_comes_at_once() -> None:
    """It says where the catalogue stands, changes or not; from 0 it brings the catalogue."""
    async with served() as the:
        await the.store.write([track(1)])
        generation = await the.store.generation()
        async with aclosing(the.watch()) as from_nothing, aclosing(the.watch(generation)) as from_here:
            first = pb.WatchResponse.FromString(await anext(from_nothing))
            assert [item.track.id for item in first.changed] == ["test:1"]
            assert pb.WatchResponse.FromString(await anext(from_here)) == pb.WatchResponse(generation=generation)


async def test_a_change_is_sent_when_it_is_known_and_only_once() -> None:
    """Takedown and restore arrive as what is removed and what changed, each with its generation."""
    async with served() as the:
        await the.store.write([track(1)])
        await the.follower.look()
        async with aclosing(the.watch(the.follower.generation)) as feed:
            await anext(feed)
            await the.store.take_down(tracks(1)[0], RECORD)
            await the.follower.look()
            removed = pb.WatchResponse.FromString(await anext(feed))
            await the.store.restore(tracks(1)[0], RECORD)
            await the.follower.look()
            restored = pb.WatchResponse.FromString(await anext(feed))
        assert [gone.id for gone in removed.removed] == ["test:1"]
        assert [item.track.id for item in restored.changed] == ["test:1"]
        assert (len(removed.changed), len(restored.removed)) == (0, 0)
        assert restored.generation == await the.store.generation() > removed.generation


async def test_silence_is_broken_by_signs_of_life() -> None:
    """Where nothing changes, empty messages with the generation follow each other."""
    async with served(heartbeat_s=0.001) as the, aclosing(the.watch()) as feed:
        await the.store.write([track(1)])
        generation = await the.store.generation()
        await anext(feed)
        for _ in range(3):
            assert pb.WatchResponse.FromString(await anext(feed)) == pb.WatchResponse(generation=generation)


async def test_a_stop_ends_every_feed() -> None:
    """Watchers who wait are let go, and their places are free."""
    async with served() as the, asyncio.TaskGroup() as watchers:
        feeds = [the.watch() for _ in range(3)]
        for feed in feeds:
            await anext(feed)
        ends = [watchers.create_task(anext(feed, None)) for feed in feeds]
        await settled()
        assert not any(end.done() for end in ends)
        await the.follower.end()
        assert [await end for end in ends] == [None, None, None]
        assert the.api.watchers == 0


async def test_watchers_are_bounded() -> None:
    """One too many is told to come back; a place that becomes free is given away again."""
    async with served(most=1) as the:
        async with aclosing(the.watch()) as feed:
            await anext(feed)
            with pytest.raises(Exhausted, match="1 watchers"):
                await anext(the.watch())
        async with aclosing(the.watch()) as feed:
            assert await anext(feed)


def large(number: int) -> Stored:
    """Return an item nearly as large as one may be."""
    return Stored(Reference(Kind.TRACK, f"test:{number}"), Kept(b"\x12\x82\x46" + b"x" * 8_962, 7))


def test_a_large_delta_is_cut_into_messages_that_can_be_sent() -> None:
    """Each fits, together they are the delta, and only the last says that the new generation is reached."""
    gone = [Reference(Kind.ALBUM, f"test:{'x' * 150}{number}") for number in range(6_000)]
    delta = Delta(9, tuple(map(large, range(300))), tuple(gone), reset=True)
    sent = list(parts(5, delta))
    answers = [pb.WatchResponse.FromString(each) for each in sent]
    assert max(map(len, sent)) < MESSAGE_BOUND_BYTES
    assert len(sent) > sum(map(len, sent)) // PART_BYTES
    assert [answer.generation for answer in answers] == [5] * (len(answers) - 1) + [9]
    assert [answer.reset for answer in answers] == [True] + [False] * (len(answers) - 1)
    assert sum(len(answer.changed) for answer in answers) == 300
    assert [each.id for answer in answers for each in answer.removed] == [each.id for each in gone]


def test_an_empty_delta_is_one_message() -> None:
    """Nothing to say is said in one message."""
    assert [pb.WatchResponse.FromString(each) for each in parts(5, Delta(6))] == [pb.WatchResponse(generation=6)]


@pytest.mark.parametrize("seed", range(5))
async def test_any_sequence_of_changes_and_breaks_ends_with_the_catalogue(seed: int) -> None:
    """Writes, large ones too, takedowns, restores and replacing imports; the feed breaks off at any message."""
    chance, mirror = Random(seed), Mirror()  # noqa: S311 - no secret
    async with served(heartbeat_s=0.0005) as the:
        for _ in range(25):
            async with aclosing(the.watch(mirror.generation)) as feed:
                for _ in range(chance.randrange(1, 5)):
                    mirror.apply(await anext(feed))
                    await change(the.store, chance)
                    await the.follower.look()
        async with aclosing(the.watch(mirror.generation)) as feed:
            mirror.apply(await anext(feed))
            while mirror.generation != await the.store.generation():
                mirror.apply(await anext(feed))
        assert mirror.items == await whole(the.store)


async def change(store: MemoryCatalog, chance: Random) -> None:
    """Change the catalogue in one of the ways that there are; some change nothing."""
    wanted = chance.choice(tracks(*range(40)))
    match chance.randrange(5):
        case 0:
            await store.write(written(chance, chance.sample(range(40), 5)))
        case 1:
            await store.write(written(chance, range(1_000, 1_000 + chance.randrange(200))))
        case 2 if await store.get(wanted):
            await store.take_down(wanted, RECORD)
        case 3:
            with suppress(NotFound):
                await store.restore(wanted, RECORD)
        case 4 if chance.random() < 0.2:
            await store.write(written(chance, chance.sample(range(40), 10)), replace=True)


def written(chance: Random, numbers: Sequence[int]) -> list[Track]:
    """Return tracks that differ from those before; some are large, so that a few hundred fill several messages."""
    filling = tuple(f"{alias:0>990}" for alias in range(chance.choice([0, 7])))
    popularity = chance.randrange(10_000)
    return [Track(track(number).id, "A title", aliases=filling, popularity=popularity) for number in numbers]
