"""FlagSyncService: what a process of ours is sent, what is heard of it, and what it may not say."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest

from backline.flags.v1 import flags_pb2 as pb
from services.flags.api.watch import WatchApi
from services.flags.api.wire import MAX_CONTEXTS
from services.flags.domain.head import Head
from services.flags.domain.roster import Roster
from services.flags.domain.store import MAX_GENERATION
from services.flags.store.memory import MemoryFlags
from services.kit.clock import ManualClock
from services.kit.errors import Exhausted, Invalid
from tests.flags.writing import adoption, head_over, put

SELDOM_S = 3_600.0


@dataclass
class Served:
    """A store, what is in force, who is served, and what was seen."""

    store: MemoryFlags
    head: Head
    roster: Roster
    api: WatchApi
    seen: list[Mapping[str, Any]]

    async def write(self, *, on: bool) -> None:
        """Write a flag, and have it in force."""
        await put(self.store, "grid", on=on)
        await self.head.look()

    def applied(self) -> dict[str, int]:
        """Return what each process has applied."""
        return {each.process: each.applied for each in self.roster.everywhere().processes}


async def served(heartbeat_s: float = SELDOM_S, most: int = 8) -> Served:
    """Serve an empty store."""
    clock, seen = ManualClock(), list[Mapping[str, Any]]()
    store, roster = MemoryFlags(clock), Roster(clock.monotonic)
    head = await head_over(store)
    return Served(store, head, roster, WatchApi(head, roster, seen.append, heartbeat_s, most), seen)


@dataclass
class Line:
    """What a process says, one message after the other."""

    said: asyncio.Queue[pb.WatchRequest | None] = field(default_factory=asyncio.Queue)

    def say(self, **said: Any) -> None:  # noqa: ANN401 - one of the messages
        """Say something."""
        self.said.put_nowait(pb.WatchRequest(**said))

    def hello(self, process: str = "search-1", held: pb.Held | None = None) -> None:
        """Say who it is, and what it has."""
        self.say(hello=pb.Hello(process=process, service="search", held=held))

    def hang_up(self) -> None:
        """Say nothing any more."""
        self.said.put_nowait(None)

    async def messages(self) -> AsyncIterator[pb.WatchRequest]:
        """Yield what is said."""
        while (message := await self.said.get()) is not None:
            yield message


async def answered(answers: AsyncGenerator[bytes, None]) -> pb.WatchResponse:
    """Return the next answer."""
    return pb.WatchResponse.FromString(await anext(answers))


async def settled() -> None:
    """Let what can happen without time passing happen."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_is_in_force_comes_at_once_and_then_each_later_generation() -> None:
    """Whole, with its checksum, its hash and when it was committed."""
    the, line = await served(), Line()
    await the.write(on=True)
    line.hello()
    async with aclosing(the.api.watch(line.messages())) as answers:
        first = (await answered(answers)).snapshot
        assert first.checksum == hashlib.sha256(first.definitions).hexdigest()
        assert first.held.hash == (await the.store.journal(0))[0].hash
        assert first.committed_at.ToDatetime().isoformat() == "2026-01-01T00:00:00"
        await the.write(on=False)
        second = (await answered(answers)).snapshot
    assert (first.held.generation, second.held.generation) == (1, 2)
    assert json.loads(second.definitions)["flags"]["grid"]["defaultVariant"] == "off"


async def test_who_has_it_already_gets_signs_of_life() -> None:
    """The first at once, so that it knows that it is heard."""
    the, line = await served(heartbeat_s=0.001), Line()
    await the.write(on=True)
    held = the.head.document.held
    line.hello(held=pb.Held(generation=held.generation, hash=held.hash))
    async with aclosing(the.api.watch(line.messages())) as answers:
        for _ in range(3):
            assert await answered(answers) == pb.WatchResponse()


async def test_a_generation_is_encoded_once_for_all() -> None:
    """The very same bytes go to each watcher and to each who asks."""
    the = await served()
    await the.write(on=True)
    hello = pb.Hello(process="search-1", service="search")
    one, other = [await the.api.fetch(pb.FetchRequest(caller=hello)) for _ in range(2)]
    line = Line()
    line.hello()
    async with aclosing(the.api.watch(line.messages())) as answers:
        assert one is other is await anext(answers)
    assert pb.FetchResponse.FromString(one).snapshot.held.generation == 1


async def test_what_a_process_says_is_on_the_roster() -> None:
    """What it has, what it has applied, what it refuses; until it says goodbye, which ends its stream."""
    the, line = await served(), Line()
    await the.write(on=True)
    line.hello()
    async with aclosing(the.api.watch(line.messages())) as answers:
        await answered(answers)
        assert the.applied() == {"search-1": 0}
        line.say(applied=pb.Applied(generation=1))
        await settled()
        assert the.applied() == {"search-1": 1}
        line.say(applied=pb.Applied(generation=1, refused="its checksum does not fit"))
        await settled()
        assert [each.refused for each in the.roster.everywhere().processes] == ["its checksum does not fit"]
        line.say(goodbye=pb.Goodbye())
        assert await anext(answers, None) is None
    assert (the.applied(), the.api.watchers) == ({}, 0)


async def test_who_leaves_without_a_goodbye_stays_on_the_roster() -> None:
    """As one who is not connected."""
    the, line = await served(), Line()
    line.hello()
    async with aclosing(the.api.watch(line.messages())) as answers:
        await answered(answers)
        line.hang_up()
        assert await anext(answers, None) is None
    assert [each.connected for each in the.roster.everywhere().processes] == [False]


async def test_who_asks_now_and_then_is_on_the_roster_too() -> None:
    """With what it has when it asks."""
    the = await served()
    await the.write(on=True)
    held = the.head.document.held
    caller = pb.Hello(process="edge", service="edge", held=pb.Held(generation=held.generation, hash=held.hash))
    assert await the.api.fetch(pb.FetchRequest(caller=caller)) == b""
    assert the.applied() == {"edge": 1}


async def test_nothing_is_handed_out_by_a_store_that_its_callers_are_ahead_of() -> None:
    """All who watch are told, until it is adopted: then all get what is in force."""
    the, behind, ahead = await served(), Line(), Line()
    await the.write(on=True)
    behind.hello("behind")
    async with aclosing(the.api.watch(behind.messages())) as to_behind, aclosing(the.api.watch(ahead.messages())) as to:
        assert (await answered(to_behind)).snapshot.held.generation == 1
        ahead.hello("ahead", pb.Held(generation=5, hash="a" * 64))
        assert "search ahead has applied generation 5" in (await answered(to)).refuses
        assert "search ahead has applied generation 5" in (await answered(to_behind)).refuses
        asked = await the.api.fetch(pb.FetchRequest(caller=pb.Hello(process="new", service="edge")))
        assert pb.FetchResponse.FromString(asked).refuses
        assert not pb.FetchResponse.FromString(asked).HasField("snapshot")
        await adoption(the.store, at_least=6)
        await the.head.look()
        assert [(await answered(each)).snapshot.held.generation for each in (to, to_behind)] == [6, 6]


async def test_a_stop_ends_every_stream() -> None:
    """Nobody who waits holds it up."""
    the = await served()
    lines = [Line() for _ in range(3)]
    streams = [the.api.watch(line.messages()) for line in lines]
    for line, stream in zip(lines, streams, strict=True):
        line.hello()
        await anext(stream)
    async with asyncio.TaskGroup() as group:
        ends = [group.create_task(anext(stream, None)) for stream in streams]
        await settled()
        assert not any(end.done() for end in ends)
        the.head.end()
    assert [end.result() for end in ends] == [None, None, None]
    assert the.api.watchers == 0


async def test_watchers_are_bounded() -> None:
    """One too many is told when to come back, before it has said anything; a place that becomes free is given away."""
    the = await served(most=1)
    line = Line()
    line.hello()
    async with aclosing(the.api.watch(line.messages())) as answers:
        await answered(answers)
        with pytest.raises(Exhausted, match="1 watchers") as refused:
            await anext(the.api.watch(Line().messages()))
        assert refused.value.retry_after_s > 0
    line.hello()
    async with aclosing(the.api.watch(line.messages())) as answers:
        await answered(answers)


async def test_contexts_that_were_seen_are_taken_up_in_bounds() -> None:
    """Those that are no contexts are left out, and of too many the rest: neither costs a process its stream."""
    the, line = await served(), Line()
    line.hello()
    async with aclosing(the.api.watch(line.messages())) as answers:
        await answered(answers)
        line.say(seen=pb.Seen(contexts=['{"country":"SE"}', "[]", "{", json.dumps({"x": "x" * 10_000})]))
        line.say(seen=pb.Seen(contexts=[json.dumps({"targetingKey": str(number)}) for number in range(200)]))
        await settled()
        assert the.seen[0] == {"country": "SE"}
        assert the.seen[1:] == [{"targetingKey": str(number)} for number in range(MAX_CONTEXTS)]
        assert the.api.watchers == 1


HELLO = pb.Hello(process="search-1", service="search")
MISTAKES: dict[str, list[pb.WatchRequest]] = {
    "nothing at all": [],
    "an empty message": [pb.WatchRequest()],
    "no hello first": [pb.WatchRequest(applied=pb.Applied(generation=1))],
    "a hello without a name": [pb.WatchRequest(hello=pb.Hello(service="search"))],
    "a name of many words": [pb.WatchRequest(hello=pb.Hello(process="a b", service="search"))],
    "a service of line breaks": [pb.WatchRequest(hello=pb.Hello(process="a", service="search\n"))],
    "a long name": [pb.WatchRequest(hello=pb.Hello(process="x" * 65, service="search"))],
    "a hash that is none": [pb.WatchRequest(hello=pb.Hello(process="a", service="b", held=pb.Held(hash="x")))],
    "a generation past all": [
        pb.WatchRequest(hello=pb.Hello(process="a", service="b", held=pb.Held(generation=MAX_GENERATION + 1)))
    ],
    "a second hello": [pb.WatchRequest(hello=HELLO), pb.WatchRequest(hello=HELLO)],
    "nothing said": [pb.WatchRequest(hello=HELLO), pb.WatchRequest()],
    "a generation past all applied": [
        pb.WatchRequest(hello=HELLO),
        pb.WatchRequest(applied=pb.Applied(generation=MAX_GENERATION + 1)),
    ],
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_who_says_what_cannot_be_is_refused(mistake: str) -> None:
    """With a sentence, and its place is free again."""
    the, line = await served(), Line()
    for message in MISTAKES[mistake]:
        line.said.put_nowait(message)
    line.hang_up()
    with pytest.raises(Invalid):
        async for _ in the.api.watch(line.messages()):
            pass
    assert the.api.watchers == 0
