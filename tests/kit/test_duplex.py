"""Calls in which both sides stream: neither waits for the other, and each may be the first to leave."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc
import pytest

from backline.flags.v1 import flags_pb2
from services.kit.errors import Internal, NotFound, TooLate, Unavailable
from services.kit.grpc.methods import Answer
from tests.kit.test_grpc import WATCH, Toy, client, heard, number, said, say_back, toy, until


async def numbers(*values: int) -> AsyncGenerator[flags_pb2.WatchRequest, None]:
    """Say the numbers, then no more."""
    for value in values:
        yield number(value)


class Talk:
    """Requests that a test makes one by one; `over` once nobody asks for more."""

    def __init__(self) -> None:
        self.waiting = asyncio.Queue[int]()
        self.over = asyncio.Event()

    async def requests(self) -> AsyncGenerator[flags_pb2.WatchRequest, None]:
        """Say each number that is put in, for ever."""
        try:
            while True:
                yield number(await self.waiting.get())
        finally:
            self.over.set()


async def _counted(server: Toy, *codes: str) -> None:
    """Wait until the one call has ended in one of these ways."""

    async def is_counted() -> bool:
        return sum(server.count("Watch", code) for code in codes) == 1

    await until(is_counted)


async def test_both_sides_speak_in_turn() -> None:
    """An answer comes while requests are still to come, and the next request may depend on it."""
    talk = Talk()
    async with toy() as server, client(server.address) as caller:
        async with aclosing(caller.duplex(WATCH, talk.requests(), 5)) as answers:
            for value in (1, 2, 3):
                talk.waiting.put_nowait(value)
                assert heard(await anext(answers)) == value
        # To a handler that reads, a caller that breaks off looks like one that has said all.
        await _counted(server, "CANCELLED", "OK")


async def test_a_server_may_speak_first() -> None:
    """Answers need no request."""

    async def greet(requests: AsyncIterator[flags_pb2.WatchRequest]) -> AsyncGenerator[Answer, None]:
        yield said(7)
        async for request in requests:
            yield said(request.applied.generation).SerializeToString()

    talk = Talk()
    async with (
        toy(watch=greet) as server,
        client(server.address) as caller,
        aclosing(caller.duplex(WATCH, talk.requests(), 5)) as answers,
    ):
        assert heard(await anext(answers)) == 7
        talk.waiting.put_nowait(8)
        assert heard(await anext(answers)) == 8


async def test_a_caller_may_end_its_side_and_still_hear_the_rest() -> None:
    """The end of the requests is no end of the call; every answer arrives, however slowly it is read."""

    async def tell_afterwards(requests: AsyncIterator[flags_pb2.WatchRequest]) -> AsyncGenerator[Answer, None]:
        count = len([request async for request in requests])
        for value in range(count, count + 1_000):
            yield said(value)

    async with toy(watch=tell_afterwards) as server, client(server.address) as caller:
        values = list[int]()
        async for answer in caller.duplex(WATCH, numbers(1, 2), 5):
            if not values:
                await _counted(server, "OK")
            values.append(heard(answer))
        assert values == list(range(2, 1_002))


async def test_a_server_that_leaves_first_ends_the_callers_side_too() -> None:
    """Nothing goes on waiting for the next request of a call that is over."""

    async def leave(requests: AsyncIterator[flags_pb2.WatchRequest]) -> AsyncGenerator[Answer, None]:
        yield said((await anext(aiter(requests))).applied.generation)

    talk = Talk()
    talk.waiting.put_nowait(1)
    async with toy(watch=leave) as server, client(server.address) as caller:
        assert [heard(answer) async for answer in caller.duplex(WATCH, talk.requests(), 5)] == [1]
        assert talk.over.is_set()
        assert server.count("Watch", "OK") == 1


async def test_a_caller_that_leaves_frees_what_both_sides_held() -> None:
    """The handler is closed, the requests are, and the call counts as cancelled."""
    closed = asyncio.Event()

    async def stay(_requests: AsyncIterator[flags_pb2.WatchRequest]) -> AsyncGenerator[Answer, None]:
        try:
            yield said(1)
            await asyncio.Event().wait()
        finally:
            closed.set()

    talk = Talk()
    async with toy(watch=stay) as server, client(server.address) as caller:
        async with aclosing(caller.duplex(WATCH, talk.requests(), 5)) as answers:
            await anext(answers)
        assert talk.over.is_set()
        await closed.wait()
        await _counted(server, "CANCELLED")


async def test_a_failure_amid_answers_reaches_the_caller_as_itself() -> None:
    """What was answered before it arrives, then the failure, and the caller's side is over."""

    async def fail(requests: AsyncIterator[flags_pb2.WatchRequest]) -> AsyncGenerator[Answer, None]:
        async for answer in say_back(requests):
            yield answer
            raise NotFound("gone")

    talk = Talk()
    talk.waiting.put_nowait(1)
    async with toy(watch=fail) as server, client(server.address) as caller:
        answers = caller.duplex(WATCH, talk.requests(), 5)
        assert heard(await anext(answers)) == 1
        with pytest.raises(NotFound, match="gone"):
            await anext(answers)
        assert talk.over.is_set()
        assert server.count("Watch", "NOT_FOUND") == 1


async def test_a_fault_in_the_handler_is_internal() -> None:
    """An exception that nobody expected says nothing of what is inside."""

    async def break_down(requests: AsyncIterator[flags_pb2.WatchRequest]) -> AsyncGenerator[Answer, None]:
        await anext(aiter(requests))
        raise RuntimeError("secret detail")
        yield b""

    async with toy(watch=break_down) as server, client(server.address) as caller:
        with pytest.raises(Internal) as caught:
            await anext(caller.duplex(WATCH, numbers(1), 5))
        assert "secret" not in str(caught.value)
        assert server.count("Watch", "INTERNAL") == 1


async def test_what_the_requests_raise_is_raised_to_the_caller() -> None:
    """A caller that fails to say what it wanted learns of that, not that its call was cancelled."""

    async def broken() -> AsyncGenerator[flags_pb2.WatchRequest, None]:
        yield number(1)
        raise LookupError("nothing to say")

    async with toy() as server, client(server.address) as caller:
        with pytest.raises(LookupError, match="nothing to say"):
            async for _ in caller.duplex(WATCH, broken(), 5):
                pass
        await _counted(server, "CANCELLED")


async def test_garbage_among_the_requests_is_an_invalid_argument() -> None:
    """Bytes that are no message end the stream as the caller's mistake."""
    async with toy() as server, grpc.aio.insecure_channel(server.address) as stranger:  # noqa: TID251 - a stranger has no kit
        open_stream: Any = stranger.stream_stream  # the stubs want serialisers, and bytes need none
        stream = open_stream(WATCH.path)()
        await stream.write(b"\xff\xff\xff\xff")
        assert await stream.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert server.count("Watch", "INVALID_ARGUMENT") == 1


async def test_a_stream_that_outstays_the_methods_limit_is_cut_off() -> None:
    """However much is said, a stream lasts no longer than its method allows."""
    async with toy(limit_s=0.05) as server, client(server.address) as caller:
        talk = Talk()
        with pytest.raises(TooLate):
            async for _ in caller.duplex(WATCH, talk.requests(), 60):
                pass
        assert talk.over.is_set()
        assert server.count("Watch", "DEADLINE_EXCEEDED") == 1


async def test_a_caller_cut_off_by_its_own_limit_is_too_late() -> None:
    """The caller's limit holds for both streams."""
    async with toy() as server, client(server.address) as caller:
        talk = Talk()
        with pytest.raises(TooLate):
            async for _ in caller.duplex(WATCH, talk.requests(), 0.1):
                pass
        assert talk.over.is_set()


async def test_a_stream_nobody_answers_is_unavailable() -> None:
    """Where nobody listens the caller learns so, and its side is over."""
    async with client("127.0.0.1:1") as caller:
        talk = Talk()
        with pytest.raises(Unavailable):
            await anext(caller.duplex(WATCH, talk.requests(), 5))


async def test_hanging_up_ends_streams_and_the_next_call_dials_anew() -> None:
    """A connection that seems dead is given up with all on it; what is asked next goes over another one."""
    async with toy() as server, client(server.address) as caller:
        talk = Talk()
        talk.waiting.put_nowait(1)
        answers = caller.duplex(WATCH, talk.requests(), 5)
        await anext(answers)
        await caller.hang_up()
        with pytest.raises(Unavailable):
            await anext(answers)
        assert [heard(answer) async for answer in caller.duplex(WATCH, numbers(2), 5)] == [2]
