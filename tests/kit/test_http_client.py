"""The HTTP client: whole answers or one clear failure, within the limit, however the other end behaves."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.kit.errors import Conflict, Failure, Invalid, NotFound, TooLate, Unavailable
from services.kit.http.client import HttpClient
from services.kit.lifecycle import background

NO_HURRY_S = 60.0
SOON_S = 0.05
BOUND_BYTES = 1000


class Server:
    """Answers every request with the same bytes, and notes the requests; it closes each connection unless it hangs."""

    def __init__(self, answer: bytes, *, hangs: bool = False) -> None:
        self._answer, self._hangs = answer, hangs
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        """Set once there is a request."""
        self.left = asyncio.Event()
        """Set once a caller has gone before its answer was whole."""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.requests.append(await reader.readuntil(b"\r\n\r\n"))
        self.asked.set()
        writer.write(self._answer)
        if self._hangs:
            await reader.read()
            self.left.set()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def serving(server: Server) -> AsyncGenerator[str, None]:
    """Run the server and give its address."""
    listener = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    async with listener:
        yield "{}:{}".format(*listener.sockets[0].getsockname())


def response(body: bytes, status: str = "200 OK", length_bytes: int | None = None) -> bytes:
    """Return an answer that says how long it is."""
    length_bytes = len(body) if length_bytes is None else length_bytes
    return b"HTTP/1.1 %b\r\ncontent-length: %d\r\n\r\n%b" % (status.encode(), length_bytes, body)


async def got(address: str, limit_s: float = NO_HURRY_S) -> bytes:
    """Return what a request is answered with."""
    return await HttpClient(address).get("/index/x", limit_s=limit_s, at_most_bytes=BOUND_BYTES)


async def ask(address: str) -> None:
    """Make a request whose answer does not matter."""
    await got(address)


async def test_an_answer_comes_whole() -> None:
    """A body of just the bound's size is taken, and parameters are sent in a form that any text survives."""
    server = Server(response(b"x" * BOUND_BYTES))
    async with serving(server) as address:
        client = HttpClient(address)
        parameters = {"process": "search 2&more=1", "refused": "ø"}
        body = await client.get("/index/assignment", parameters, limit_s=NO_HURRY_S, at_most_bytes=BOUND_BYTES)
    assert body == b"x" * BOUND_BYTES
    assert server.requests[0].startswith(b"GET /index/assignment?process=search+2%26more%3D1&refused=%C3%B8 HTTP/1.1")


async def test_a_file_is_downloaded_as_it_is(tmp_path: Path) -> None:
    """Every byte arrives, and a file that is there already is never overwritten."""
    content = bytes(range(256)) * 5_000
    async with serving(Server(response(content))) as address:
        into = tmp_path / "index.db"
        client = HttpClient(address)
        await client.download("/x", into, limit_s=NO_HURRY_S, at_most_bytes=len(content))
        assert into.read_bytes() == content
        with pytest.raises(Unavailable, match="cannot be used"):
            await client.download("/x", into, limit_s=NO_HURRY_S, at_most_bytes=len(content))


PROBLEM = b'{"status":404,"detail":"There is no such generation."}'
FAILING = {
    "broken-off": (response(b"half", length_bytes=8), Unavailable, "broke off|no whole answer"),
    "no-http": (b"what?\r\n\r\n", Unavailable, "no whole answer"),
    "empty": (b"", Unavailable, "no whole answer"),
    "too-large": (response(b"x" * (BOUND_BYTES + 1)), Invalid, "more than 1000 bytes"),
    "refused-with-a-sentence": (response(PROBLEM, "404 Not Found"), NotFound, "404: There is no such generation"),
    "refused-without": (response(b"[]", "409 Conflict"), Conflict, "409"),
    "refused-in-bytes": (response(b"\xff", "502 Bad Gateway"), Unavailable, "502"),
}


@pytest.mark.parametrize(("answer", "failure", "sentence"), FAILING.values(), ids=FAILING)
async def test_what_is_no_answer_is_one_failure(answer: bytes, failure: type[Failure], sentence: str) -> None:
    """Each way to fail has its kind and a sentence."""
    async with serving(Server(answer)) as address:
        with pytest.raises(failure, match=sentence):
            await got(address)


async def test_an_answer_that_never_ends_is_broken_off() -> None:
    """The limit is for the whole answer, and the other end sees that nobody waits any more."""
    server = Server(response(b"begun", length_bytes=500), hangs=True)
    async with serving(server) as address:
        with pytest.raises(TooLate, match=r"within 0\.05 s"):
            await got(address, SOON_S)
        await server.left.wait()


async def test_a_cancelled_request_ends_at_once() -> None:
    """Nothing goes on in the background: the connection is closed although no answer has come."""
    server = Server(b"", hangs=True)
    async with serving(server) as address:
        async with background(ask(address)):
            await server.asked.wait()
        await server.left.wait()


async def test_of_several_addresses_one_that_answers_is_asked(tmp_path: Path) -> None:
    """A list and a file of endpoints work as they do for gRPC; what listens nowhere is passed over."""
    endpoints = tmp_path / "indexer"
    async with serving(Server(response(b"here"))) as address:
        endpoints.write_text(f"127.0.0.1:1\n{address}\n")
        assert await got(f"file:{endpoints}") == b"here"
        assert await got(f"127.0.0.1:1,{address}") == b"here"


@pytest.mark.parametrize("listed", ["127.0.0.1:1", "", "what\n", "host:\n127.0.0.1:1"])
async def test_nobody_to_ask_is_one_sentence(tmp_path: Path, listed: str) -> None:
    """A target without anyone behind it is unavailable for now, whatever its file of endpoints holds."""
    endpoints = tmp_path / "indexer"
    with pytest.raises(Unavailable, match=r"Nobody says"):
        await got(f"file:{endpoints}")
    endpoints.write_text(listed)
    with pytest.raises(Unavailable, match=r"cannot be reached|Nobody says"):
        await got(f"file:{endpoints}")
