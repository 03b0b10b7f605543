"""What a listener takes from those who connect: its bounds, held by raw bytes on a socket."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson
import pytest
import uvloop

from services.kit import ports
from services.kit.clock import ManualClock
from services.kit.http.asgi import App, Message, Receive, Scope, Send, respond
from services.kit.http.bounds import Bounds
from services.kit.http.problem import CONTENT_TYPE
from services.kit.http.server import open_http_server

SMALL = Bounds(connections=2, head_bytes=1_000, body_bytes=500, send_s=0.05, idle_s=0.05)
"""Time-outs count by the clock given, which a test sets by hand; only the sweeper's own pace is in earnest."""
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass
class Connection:
    """A connection's two directions."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)

    async def rest(self) -> bytes:
        """Return what comes until the other side ends the connection."""
        return await self.reader.read()

    async def head(self) -> bytes:
        """Return the next answer's head."""
        return await self.reader.readuntil(b"\r\n\r\n")


@dataclass
class Served:
    """A listener under test."""

    address: str
    clock: ManualClock
    refused: list[int] = field(default_factory=list)

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[Connection, None]:
        """Open a connection."""
        reader, writer = await asyncio.open_connection(*ports.split_address(self.address))
        try:
            yield Connection(reader, writer)
        finally:
            writer.close()

    async def answer(self, *parts: bytes) -> bytes:
        """Send the parts and return all that comes back until the listener ends the connection."""
        async with self.connected() as connection:
            for part in parts:
                connection.send(part)
            return await connection.rest()


async def hello(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer without reading the request's body."""
    await respond(scope, send, 200, [], b"hello")


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the size of the body, or not at all where the sender is gone before its end."""
    size, more = 0, True
    while more:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    await respond(scope, send, 200, [], b"%d" % size)


@asynccontextmanager
async def serving(app: App = hello, bounds: Bounds = SMALL) -> AsyncGenerator[Served, None]:
    """Serve the application within the bounds."""
    clock, refused = ManualClock(), list[int]()

    def note(status: int) -> str:
        refused.append(status)
        return "r-1"

    listener = ports.listen("127.0.0.1", 0, "TOY_PORT")
    async with open_http_server(app, listener, 1, clock, bounds, note) as address:
        yield Served(address, clock, refused)


def problem_of(answer: bytes) -> tuple[int, dict[str, object]]:
    """Return status and content of the one answer, which has to be a problem that ends the connection."""
    head, _, content = answer.partition(b"\r\n\r\n")
    assert f"content-type: {CONTENT_TYPE}".encode() in head
    assert b"connection: close" in head
    assert b"x-request-id: r-1" in head
    return int(head.split(b" ")[1]), orjson.loads(content)


REFUSED = {
    "endless address": (b"GET /" + b"x" * 2_000, 414),
    "endless header": (b"GET / HTTP/1.1\r\nx: " + b"x" * 2_000, 431),
    "headers that are whole and too many": (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 400 + b"\r\n", 431),
    "address that is whole and too long": (b"GET /" + b"x" * 2_000 + b" HTTP/1.1\r\n\r\n", 414),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "no HTTP that says hello": (b"EHLO x\r\n", 400),
    "contradicting lengths": (b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400),
    "length and chunks": (b"POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 400),
    "header with a line break": (b"GET / HTTP/1.1\r\nx\n y: z\r\n\r\n", 400),
    "address without a path": (b"GET http://x HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    "tunnel": (b"CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n", 400),
}


@pytest.mark.parametrize(("sent", "status"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_read_is_a_problem_and_the_end(sent: bytes, status: int) -> None:
    """Requests too large for the listener, or none at all, are told so as every other error is, and noted."""
    async with serving() as served:
        found, content = problem_of(await served.answer(sent))
        assert (found, content["status"], content["request_id"]) == (status, status, "r-1")
        assert served.refused == [status]


BODIES = {
    "one chunk": (b"300\r\n" + b"x" * 0x300 + b"\r\n",) * 8,
    "chunks of one byte": (b"1\r\nx\r\n" * 1_000,),
    "names of a chunk without end": (b"1;" + b"x" * 4_000,),
    "trailers without end": (b"0\r\n" + b"x: y\r\n" * 1_000,),
}


@pytest.mark.parametrize("chunks", BODIES.values(), ids=BODIES)
async def test_a_body_that_announces_no_length_is_bounded_too(chunks: tuple[bytes, ...]) -> None:
    """However a body is cut into chunks, the application waits for no more of it than the bound."""
    async with serving(echo) as served:
        assert problem_of(await served.answer(CHUNKED, *chunks))[0] == 413


async def test_who_was_answered_already_is_cut_off_without_another_answer() -> None:
    """A body that goes on after its answer ends the connection, and nothing is taken for an answer to what follows."""
    async with serving() as served, served.connected() as connection:
        connection.send(CHUNKED)
        assert (await connection.head()).startswith(b"HTTP/1.1 200")
        connection.send(b"1\r\nx\r\n" * 1_000)
        assert await connection.rest() == b"hello"


async def test_requests_within_the_bounds_follow_one_another() -> None:
    """Bounds are for each request by itself: a connection is kept however much went over it."""
    async with serving(echo) as served, served.connected() as connection:
        for _ in range(20):
            connection.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 400\r\n\r\n" + b"x" * 400)
            assert (await connection.head()).startswith(b"HTTP/1.1 200")
            assert await connection.reader.readexactly(3) == b"400"
        assert served.refused == []


async def test_pipelined_requests_are_answered_in_their_order() -> None:
    """What comes before something unreadable is answered first."""
    async with serving() as served:
        answer = await served.answer(GET * 3 + b"junk\r\n")
    assert answer.count(b"HTTP/1.1 200") == 3
    assert b"HTTP/1.1 400" not in answer


async def test_no_refusal_overtakes_the_answers_before_it() -> None:
    """What is wrong with the body of a pipelined request is never taken for the answer to an earlier one."""
    async with serving(echo) as served:
        answer = await served.answer(GET * 2 + CHUNKED + b"no size\r\n")
    assert answer.count(b"HTTP/1.1 ") == answer.count(b"HTTP/1.1 200") == 2


async def test_nobody_is_late_with_what_is_not_being_read() -> None:
    """A pipelined request has its time from when the one before it is answered."""
    served_first = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await served_first.wait()
        await echo(scope, receive, send)

    async with serving(slow) as served, served.connected() as connection:
        connection.send(GET + CHUNKED + b"1\r\nx\r\n")
        for _ in range(20):
            served.clock.advance(1)
            await asyncio.sleep(0.01)
        served_first.set()
        for expected in (b"0", b"1"):
            assert (await connection.head()).startswith(b"HTTP/1.1 200")
            connection.send(b"0\r\n\r\n" if expected == b"0" else b"")
            assert await connection.reader.readexactly(1) == expected


@pytest.mark.parametrize(
    ("begun", "expected"),
    [(b"GET / HT", b"HTTP/1.1 408 "), (CHUNKED + b"1\r\nx", b"HTTP/1.1 408 "), (b"", b"")],
    ids=["in the head", "in the body", "at once"],
)
async def test_a_sender_that_falls_silent_is_cut_off(begun: bytes, expected: bytes) -> None:
    """Nobody holds a connection by sending a request in crumbs, or nothing at all."""
    async with serving(echo) as served, served.connected() as connection:
        connection.send(begun)
        waiting = asyncio.ensure_future(connection.rest())  # noqa: TID251 - awaited right below
        while not waiting.done():
            served.clock.advance(1)
            await asyncio.sleep(0.01)
        assert (await waiting)[: len(expected)] == expected


async def test_a_connection_that_is_idle_too_long_is_closed() -> None:
    """Between requests a connection is kept for a while and no longer."""
    async with serving() as served, served.connected() as connection:
        connection.send(GET)
        await connection.head()
        served.clock.advance(1)
        assert await connection.rest() == b"hello"


def test_who_reads_no_answer_is_cut_off() -> None:
    """Nobody holds a connection, and a request that waits to be answered, by reading nothing; and that is no fault."""
    asked: list[str] = []

    async def read_nothing() -> bytes:
        over = asyncio.Event()

        async def much(scope: Scope, _receive: Receive, send: Send) -> None:
            asked.append("asked")
            try:
                await respond(scope, send, 200, [], b"x" * 30_000_000)
            except RuntimeError as fault:
                asked.append(str(fault))
            if len(asked) > 1:
                over.set()

        async with serving(much) as served, served.connected() as connection:
            connection.send(GET * 3)
            while not over.is_set():
                served.clock.advance(1)
                await asyncio.sleep(0.01)
            return await connection.rest()

    # The services' own loop: on it, writing to a connection that is gone raises.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(read_nothing()).count(b"HTTP/1.1 200") == 1
    assert asked == ["asked"] * 2


async def test_a_request_is_not_cut_off_while_it_is_being_served() -> None:
    """The time-outs are the sender's: what the service takes for its answer has limits elsewhere."""
    swept = asyncio.Event()

    async def slow(scope: Scope, _receive: Receive, send: Send) -> None:
        await swept.wait()
        await respond(scope, send, 200, [], b"late")

    async with serving(slow) as served, served.connected() as connection:
        connection.send(GET)
        for _ in range(20):
            served.clock.advance(1)
            await asyncio.sleep(0.01)
        swept.set()
        assert (await connection.head()).startswith(b"HTTP/1.1 200")


async def test_one_connection_too_many_is_told_to_come_back() -> None:
    """A listener that is full says so, and takes connections again once there is room."""
    async with serving() as served:
        async with served.connected() as first, served.connected() as second:
            for connection in (first, second):
                connection.send(GET)
                await connection.head()
            answer = await served.answer(GET)
            assert problem_of(answer)[0] == 503
            assert b"retry-after: 1" in answer
        answer = b""
        while b"200 OK" not in answer:
            async with served.connected() as third:
                third.send(GET)
                answer = await third.head()


async def test_another_protocol_is_not_spoken() -> None:
    """An offer to change the protocol is passed over: the request is answered, and the connection ends."""
    async with serving() as served:
        sent = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"
        answer = await served.answer(sent, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"hello")
