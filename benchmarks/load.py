"""Load: a number of calls, so many at once, over connections that stay open."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any, TypeAlias, cast
from urllib.request import urlopen

import grpc

from backline.search.v1 import search_pb2 as pb
from benchmarks.answers import QUERY, RESULTS
from benchmarks.peers.bare_grpc import PATH
from services.kit.context import RequestContext, Trace
from services.kit.grpc.metadata import to_entry
from services.kit.ids import Ids

AT_ONCE = 16
LIMIT_S = 30.0
"""Longer than any pause of a busy machine: a call that fails would end the benchmark."""
TRACED_SHARE = 0.01
CONTEXTS = 10_000
PLAIN, COMPRESSED = "identity", "gzip, deflate, br, zstd"
"""Codings that a request takes."""

Load: TypeAlias = Callable[[int], Awaitable[None]]
"""Makes that many calls and returns once all are answered; raises where one is not."""


def shared(caller: Load) -> Load:
    """Return the load that several callers make at once, each its share of the calls."""

    async def load(calls: int) -> None:
        await asyncio.gather(*(caller(calls // AT_ONCE) for _ in range(AT_ONCE)))

    return load


SEARCH_REQUEST: bytes = pb.SearchRequest(query=QUERY, page_size=RESULTS).SerializeToString()


@asynccontextmanager
async def grpc_load(
    address: str, path: str = PATH, requests: Sequence[bytes] = (SEARCH_REQUEST,)
) -> AsyncGenerator[Load, None]:
    """Give load on a method at the address, with each request in turn; the same search again and again unless told.

    Each call has a deadline and a context of its own; answers stay bytes.
    """
    asked, entries = cycle(requests), cycle(_context_entries())
    async with grpc.aio.insecure_channel(address) as channel:
        send: Any = channel.unary_unary(path)  # the stubs want serialisers, and bytes need none

        async def call(calls: int) -> None:
            for _ in range(calls):
                await send(next(asked), timeout=LIMIT_S, metadata=(next(entries),))

        yield shared(call)


def _context_entries() -> list[tuple[str, bytes]]:
    """Return the metadata of many requests, each with ids of its own as in earnest: repeated ones cost HTTP/2 less."""
    ids = Ids(random.Random(1))  # noqa: S311 - the same in every run
    traces = [Trace(*ids.trace_and_span(), ids.chance(TRACED_SHARE)) for _ in range(CONTEXTS)]
    return [to_entry(RequestContext(trace.trace_id, LIMIT_S, traceparent=trace.traceparent())) for trace in traces]


_BROWSER_HEADERS = {
    "Connection": "keep-alive",
    "Accept": "application/json",
    "Accept-Encoding": PLAIN,
    "Cookie": "backline_user=0123456789abcdef0123456789abcdef",
    "Accept-Language": "en-GB,en;q=0.9,sv;q=0.8",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0",
}
"""What a browser sends with a request of the page's own; but for the coding, so that both sides send the same bytes."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What is sent with a POST request, as JSON."""

    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that tell of it."""
        return {"Content-Type": "application/json", "Content-Length": str(len(self.body))}


@asynccontextmanager
async def http_load(
    address: str, target: str, accept_encoding: str = PLAIN, asked: Posted | None = None
) -> AsyncGenerator[Load, None]:
    """Give load of requests for the target at the address, of one visitor who has been there before."""
    host, _, port = address.rpartition(":")
    loop = asyncio.get_running_loop()
    headers = {"Host": address, **_BROWSER_HEADERS, "Referer": f"http://{address}/", "Accept-Encoding": accept_encoding}
    method, body = ("POST", asked.body) if asked else ("GET", b"")
    headers |= asked.headers if asked else {}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    request = "\r\n".join(lines).encode() + body
    opened = [await loop.create_connection(lambda: _Connection(request), host, int(port)) for _ in range(AT_ONCE)]
    free = cycle(connection for _, connection in opened)
    try:
        yield shared(lambda calls: next(free).call(calls))
    finally:
        for transport, _ in opened:
            transport.close()


@asynccontextmanager
async def told_load(address: str, path: str) -> AsyncGenerator[Load, None]:
    """Give load that the server at the address makes itself: it is told how many calls, and answers once they are."""

    def tell(calls: int) -> None:
        with urlopen(f"http://{address}{path}/{calls}") as answer:
            answer.read()

    async def load(calls: int) -> None:
        await asyncio.to_thread(tell, calls)

    yield load


class _Connection(asyncio.Protocol):
    """Sends the same request again and again, each once the last is answered.

    It looks at no more of an answer than it must: whoever makes the load has to be faster than the fastest server.
    """

    def __init__(self, request: bytes) -> None:
        self._request, self._received, self._left = request, b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def call(self, calls: int) -> Awaitable[None]:
        """Send the request that often."""
        self._left = calls
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport.write(self._request)
        return self._done

    def data_received(self, data: bytes) -> None:
        """Send the next request once an answer is whole."""
        self._received += data
        if not _whole(self._received):
            return
        answer, self._received = self._received, b""
        self._left -= 1
        if not answer.startswith(b"HTTP/1.1 200"):
            self._done.set_exception(RuntimeError(answer.decode()))
        elif self._left:
            self._transport.write(self._request)
        else:
            self._done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        """Fail the calls that are left."""
        if self._left and not self._done.done():
            self._done.set_exception(error or ConnectionResetError())


_LENGTH = b"content-length: "


def _whole(answer: bytes) -> bool:
    """Return whether head and body are there."""
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    start = head.index(_LENGTH) + len(_LENGTH)
    return len(body) >= int(head[start:].split(b"\r", 1)[0])
