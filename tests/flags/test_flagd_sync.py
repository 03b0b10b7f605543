"""flagd.sync, called as its generated clients call it, over real gRPC."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from flagd.evaluation.v2.evaluation_pb2 import EventStreamRequest, EventStreamResponse
from flagd.sync.v1 import sync_pb2 as pb
from services.flags.domain.store import Held
from services.kit.errors import Exhausted, Unavailable
from services.kit.grpc.rpc import rpc
from tests.flags.every_kind import FLAGS
from tests.flags.served import SELDOM_S, Served, served
from tests.flags.writing import switch

FETCH = rpc(pb.FetchAllFlagsRequest, pb.FetchAllFlagsResponse)


async def sync(the: Served, **asked: str) -> AsyncGenerator[pb.SyncFlagsResponse, None]:
    """Open a stream of definitions."""
    method = rpc(pb.SyncFlagsRequest, pb.SyncFlagsResponse)
    async with aclosing(the.client.download(method, pb.SyncFlagsRequest(**asked), SELDOM_S)) as stream:
        async for answer in stream:
            yield answer


def flags(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - the message of either method
    """Return the definitions that an answer brings."""
    found: dict[str, Any] = json.loads(answer.flag_configuration)["flags"]
    return found


async def test_a_stream_brings_all_flags_again_with_each_generation() -> None:
    """At once, and in flagd's own format; it ends when the service stops."""
    async with served() as the:
        for key, definition in FLAGS.items():
            await the.write(key, definition)
        await the.head.look()
        async with aclosing(sync(the)) as stream:
            first = await anext(stream)
            assert (flags(first), first.HasField("sync_context")) == (FLAGS, True)
            await the.write("boolean", switch(on=False))
            await the.head.look()
            assert flags(await anext(stream)) == {**FLAGS, "boolean": switch(on=False)}
            the.head.end()
            assert [answer async for answer in stream] == []


async def test_a_stream_begins_though_there_is_no_flag() -> None:
    """Its client waits for the first message before it says that it is ready."""
    async with served() as the, aclosing(sync(the)) as stream:
        assert flags(await anext(stream)) == {}


async def test_silence_sends_nothing_again() -> None:
    """This protocol has no sign of life of its own, and a document is no small one."""
    events = rpc(EventStreamRequest, EventStreamResponse)
    async with (
        served(keep_alive_s=0.01) as the,
        aclosing(sync(the)) as stream,
        aclosing(the.client.download(events, EventStreamRequest(), SELDOM_S)) as signs,
    ):
        assert flags(await anext(stream)) == {}
        said = [(await anext(signs)).type for _ in range(6)]
        assert said.count("keep_alive") == 5
        await the.write("boolean", switch(on=True))
        await the.head.look()
        assert flags(await anext(stream)).keys() == {"boolean"}


@pytest.mark.parametrize("asked", [{}, {"selector": "flagSetId=another"}])
async def test_all_flags_can_be_fetched(asked: dict[str, str]) -> None:
    """Whatever is selected, since there is one set."""
    async with served() as the:
        await the.write("boolean", switch(on=True))
        await the.head.look()
        fetched = await the.client.call(FETCH, pb.FetchAllFlagsRequest(**asked), 10)
        document = json.loads(fetched.flag_configuration)
    assert document["flags"] == {"boolean": switch(on=True)}
    assert document["metadata"] == {"flagSetId": "backline"}


async def test_there_is_nothing_to_add_to_contexts() -> None:
    """It is there and empty: a client of before looks into it without asking."""
    method = rpc(pb.GetMetadataRequest, pb.GetMetadataResponse)
    async with served() as the:
        answer = await the.client.call(method, pb.GetMetadataRequest(), 10)
    assert (answer.HasField("metadata"), len(answer.metadata.fields)) == (True, 0)


@pytest.mark.parametrize(
    ("provider", "shown"),
    [("", "flagd sync"), ("phone-7@sthlm", "phone-7@sthlm"), ("a b\n<c>", "a_b__c_"), ("x" * 99, "x" * 64)],
)
async def test_a_stream_is_on_the_roster_by_its_name(provider: str, shown: str) -> None:
    """As far as its client's name is fit to be shown."""
    async with served() as the, aclosing(sync(the, provider_id=provider)) as stream:
        await anext(stream)
        assert [each.process for each in the.roster.here().foreign] == [shown]


async def test_streams_have_a_bound() -> None:
    """One more is told to come back; nobody who is served suffers for it."""
    async with served(most=1) as the, aclosing(sync(the)) as stream:
        await anext(stream)
        with pytest.raises(Exhausted):
            await anext(sync(the))
        await the.write("boolean", switch(on=True))
        await the.head.look()
        assert flags(await anext(stream)).keys() == {"boolean"}


async def test_a_store_from_another_line_hands_out_nothing() -> None:
    """Neither to who asks now, nor with its next generation to who listens already."""
    async with served() as the, aclosing(sync(the)) as stream:
        await anext(stream)
        await the.head.check(Held(99, "of-another-line"), "search-1")
        for asked in (anext(sync(the)), the.client.call(FETCH, pb.FetchAllFlagsRequest(), 10)):
            with pytest.raises(Unavailable, match="adopt"):
                await asked
        await the.write("boolean", switch(on=True))
        await the.head.look()
        with pytest.raises(Unavailable, match="adopt"):
            await anext(stream)
