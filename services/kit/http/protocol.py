"""uvicorn's HTTP/1.1 protocol, with bounds: on bytes, on time, on connections; and problems in place of plain text.

uvicorn itself reads headers without end, waits for ever for who sends nothing or reads nothing, and takes every
connection. What is refused here never became a request: it is answered by the kit's problem document, and its
connection ends. Between the answer and the end the sender may finish what it has begun to send, unread: a connection
that is closed on data is reset, and a reset takes the answer with it.
"""

import asyncio
import math
from collections.abc import Iterable
from typing import Any, cast

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from services.kit.clock import Clock
from services.kit.http.asgi import WHOLE, Headers
from services.kit.http.bounds import Bounds, OnRefused
from services.kit.http.problem import BY_STATUS, CONTENT_TYPE, body

_LINGER_S = 2.0
_LINGERING = 64
"""Connections beyond the bound that are told so; with more than that, they are only closed."""
_NEVER = math.inf
_CLOSE = (b"connection", b"close")
_SENTENCES = {
    400: "This is not HTTP as it can be read here.",
    408: "The request did not arrive in time.",
    413: "The request's body is larger than is read here.",
    414: "The address is longer than is read here.",
    431: "The request's headers are larger than is read here.",
    503: "All connections are in use.",
}


class BoundedProtocol(HttpToolsProtocol):
    """One connection. `sweep` ends those whose sender is late; no connection has a timer of its own."""

    def __init__(self, *, bounds: Bounds, clock: Clock, on_refused: OnRefused, **uvicorn: Any) -> None:  # noqa: ANN401 - uvicorn's own arguments, handed on
        super().__init__(**uvicorn)
        self._bounds, self._now, self._on_refused = bounds, clock.monotonic, on_refused
        self._bytes, self._most = 0, bounds.head_bytes
        """Read of the request so far, and how many that may be."""
        self._fault = 400
        self._in_body = self._refused = False
        self._extensions: dict[str, Any] = {WHOLE: self._give}
        self._due = _NEVER
        """When the sender has to be done with what it is at."""
        self._taken_by = _NEVER
        """When the other side has to have read enough for the next answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take a connection, or tell it that there are too many."""
        super().connection_made(transport)
        self._due = self._now() + self._bounds.send_s
        beyond = len(self.connections) - self._bounds.connections
        if beyond > _LINGERING:
            self.transport.abort()
        elif beyond > 0:
            self._refuse(503)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the request being served know, which uvicorn tells only the last of several."""
        super().connection_lost(exc)
        if self.pipeline:
            self._served.disconnected = True

    def data_received(self, data: bytes) -> None:
        """Read on, unless the request cannot be read or too much of it is here already."""
        if self._refused:
            return
        self._bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.cycle.keep_alive = False  # whatever follows is in another protocol, which nobody here speaks
        except httptools.HttpParserError:
            self._refuse(self._fault)
        else:
            if self._bytes > self._most:
                self._refuse(self._too_much())

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._due = self._now() + self._bounds.send_s

    def on_headers_complete(self) -> None:
        """Hand the request to the application, unless its head is too large."""
        if self._bytes > self._most and self._head_bytes() > self._most:
            self._fault = self._too_much()
            raise ValueError(self._fault)  # stops the parser
        super().on_headers_complete()  # raises where it cannot read the address
        self._in_body, self._most = True, self._bounds.head_bytes + self._bounds.body_bytes
        if self.pipeline:
            self._due = _NEVER  # nobody is late with what is not read before its turn

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # The same for all requests: one that held its own request would be garbage that only a collection finds.
        self._served, cycle.scope["extensions"] = cycle, self._extensions
        super()._start_asgi_task(cycle, app)

    async def _give(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a whole answer to the request being served. Raises ValueError where a header has a line break."""
        cycle = self._served
        if self.flow.write_paused:
            self._taken_by = self._now() + self._bounds.idle_s
            await self.flow.drain()
            self._taken_by = _NEVER
        if cycle.disconnected:
            return
        lines = [*self.server_state.default_headers, *headers]
        if not cycle.keep_alive:
            lines.append(_CLOSE)
        elif _CLOSE in lines:
            cycle.keep_alive = False
        head = b"".join([b"%b: %b\r\n" % line for line in lines])
        if head.count(b"\n") > len(lines) or head.count(b"\r") > len(lines):
            raise ValueError("a header has a line break in it")
        cycle.response_started = cycle.response_complete = True
        self.transport.write(b"".join((STATUS_LINE[status], head, b"\r\n", body)))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_message_complete(self) -> None:
        """Wait for nothing more of this request."""
        self.cycle.more_body = False
        self.cycle.message_event.set()
        self._in_body, self._most, self._bytes = False, self._bounds.head_bytes, 0
        self._due = self._now() + self._bounds.idle_s if self.cycle.response_complete else _NEVER

    def on_response_complete(self) -> None:
        """Go on to the next request: one that waits already, or one that may come."""
        if self.transport.is_closing():
            self._due = self._now() + _LINGER_S
        elif self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            self._due = self._now() + self._bounds.send_s if self._in_body and not self._refused else _NEVER
        elif not self._in_body:
            self._due = self._now() + self._bounds.idle_s
        self.flow.resume_reading()

    def sweep(self, now: float) -> None:
        """End the connection if its sender is late, or takes no answer."""
        if now < min(self._due, self._taken_by):
            return
        if now >= self._taken_by or self._refused or self.transport.is_closing():
            self.transport.abort()
        elif self._bytes:
            self._refuse(408)
        else:
            self._due = now + _LINGER_S
            self.transport.close()

    def _too_much(self) -> int:
        """Return the status of a request that is too large, by its larger part."""
        if self._in_body:
            return 413
        return 414 if len(self.url) > self._bounds.head_bytes // 2 else 431

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)

    def _answering(self) -> RequestResponseCycle | None:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle if cycle and not cycle.response_complete else None

    def _refuse(self, status: int) -> None:
        """Read no more, and say why; an answer that is under way goes out in place of that."""
        self._refused, self._due = True, self._now() + _LINGER_S
        if self.pipeline and self._in_body:
            # What is wrong is with the last in line: those before it are answered, and it has to do without.
            self.pipeline.popleft()
            self.cycle, self._in_body = self.pipeline[0][0] if self.pipeline else self._served, False
        answering = self._answering()
        if answering and (answering.response_started or not self._in_body):
            answering.keep_alive, self._due = False, _NEVER
            return
        if answering:
            # What is too large is the request being answered: whoever waits for the rest of it hears that none comes.
            answering.disconnected = True
            answering.message_event.set()
        if answering or not self._in_body:
            self.transport.write(b"".join(_answer(status, self._on_refused(status))))
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()


def _answer(status: int, request_id: str) -> Iterable[bytes]:
    content = body(BY_STATUS[status], _SENTENCES[status], request_id)
    yield STATUS_LINE[status]
    yield f"content-type: {CONTENT_TYPE}\r\ncontent-length: {len(content)}\r\nconnection: close\r\n".encode()
    if status in (408, 503):
        yield b"retry-after: 1\r\n"
    if request_id:
        yield f"x-request-id: {request_id}\r\n".encode()
    yield b"\r\n"
    yield content
