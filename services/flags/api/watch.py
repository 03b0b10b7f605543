"""FlagSyncService: hands definitions to our own processes, and hears what they have made of them.

Only they may call it, who show the peers' token: what a caller says stops writes where it has applied what the store
never wrote, and is what a kill is confirmed by.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from backline.flags.v1 import flags_pb2 as pb
from services.flags.api.wire import contexts_of, generation_of, held_of, name_of, refusal_bytes, snapshot_bytes
from services.flags.domain.document import Document
from services.flags.domain.head import Head
from services.flags.domain.pulse import stirred_within
from services.flags.domain.roster import Name, Roster
from services.flags.domain.store import Held
from services.kit.errors import Exhausted, Failure, Invalid, Unavailable
from services.kit.grpc.methods import Method, duplex, unary
from services.kit.grpc.rpc import rpc
from services.kit.lifecycle import background

_HELLO_S = 5.0
"""Within which a caller has to say who it is: until then it takes a place and nobody knows whose."""
_RETRY_S = 1.0

Seen = Callable[[Mapping[str, Any]], None]
"""Takes a context that a request was evaluated for."""


class WatchApi:
    """Serves at most so many watchers at a time, with a sign of life to each every so many seconds."""

    def __init__(self, head: Head, roster: Roster, seen: Seen, heartbeat_s: float, most: int) -> None:
        self._head, self._roster, self._seen = head, roster, seen
        self._heartbeat_s, self._most = heartbeat_s, most
        self._encoded: tuple[Document, bytes] | None = None
        self.watchers = 0

    def methods(self, watch_limit_s: float, fetch_limit_s: float) -> list[Method]:
        """Return the methods; after its limit a watcher has to ask again, which spreads them over the replicas."""
        fails = (Exhausted, Unavailable)
        return [
            duplex(rpc(pb.WatchRequest, pb.WatchResponse), self.watch, watch_limit_s, fails=fails, peers=True),
            unary(rpc(pb.FetchRequest, pb.FetchResponse), self.fetch, fetch_limit_s, fails=fails, peers=True),
        ]

    async def fetch(self, request: pb.FetchRequest) -> bytes:
        """Return what is newer than what the caller has."""
        name, held = await self._met(request.caller)
        self._roster.asked(name, held.generation)
        return self._news(held.generation)[0]

    async def watch(self, requests: AsyncIterator[pb.WatchRequest]) -> AsyncGenerator[bytes, None]:
        """Yield what is newer than what the caller has, or a sign of life; ends when it says goodbye, or the server."""
        with self._place():
            name, held = await self._met(await _hello(requests))
            sent, stirred = held.generation, asyncio.Event()
            listener = _Listener(name, self._roster, self._seen, stirred)
            with self._roster.subscribed(name, sent), self._head.news.stirring(stirred):
                async with background(listener.listen(requests)):
                    while not (self._head.ended or listener.ended):
                        stirred.clear()
                        message, sent = self._news(sent)
                        yield message
                        await stirred_within(stirred, self._heartbeat_s)
            if listener.failure:
                raise listener.failure

    async def _met(self, hello: pb.Hello) -> tuple[Name, Held]:
        name, held = name_of(hello), held_of(hello.held)
        await self._head.check(held, f"{name.service} {name.process}")
        return name, held

    def _news(self, sent: int) -> tuple[bytes, int]:
        """Return the message for who has that generation, and which one it has then."""
        refuses, document = self._head.refuses, self._head.document
        if refuses:
            return refusal_bytes(refuses), sent
        generation = document.held.generation
        return (self._snapshot(document), generation) if generation > sent else (b"", sent)

    def _snapshot(self, document: Document) -> bytes:
        """Return the document as a message, made once for all who get it."""
        if self._encoded is None or self._encoded[0] is not document:
            self._encoded = document, snapshot_bytes(document)
        return self._encoded[1]

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self.watchers >= self._most:
            raise Exhausted(f"{self._most} watchers are all that this server takes.", retry_after_s=_RETRY_S)
        self.watchers += 1
        try:
            yield
        finally:
            self.watchers -= 1


@dataclass(slots=True)
class _Listener:
    """Hears what one watcher says, until it leaves or says what it may not."""

    name: Name
    roster: Roster
    seen: Seen
    stirred: asyncio.Event
    """Set when there is no more to be heard."""
    ended: bool = False
    failure: Failure | None = None

    async def listen(self, requests: AsyncIterator[pb.WatchRequest]) -> None:
        """Hear it out."""
        try:
            async for request in requests:
                self._hear(request)
                if self.ended:
                    break
        except Failure as failure:
            self.failure = failure
        self.ended = True
        self.stirred.set()

    def _hear(self, request: pb.WatchRequest) -> None:
        match request.WhichOneof("said"):
            case "applied":
                self.roster.said(self.name, generation_of(request.applied.generation), request.applied.refused)
            case "seen":
                for context in contexts_of(request.seen):
                    self.seen(context)
            case "goodbye":
                self.roster.leave(self.name)
                self.ended = True
            case _:
                raise Invalid("Only the first message says who it is, and each says something.", field="said")


async def _hello(requests: AsyncIterator[pb.WatchRequest]) -> pb.Hello:
    async with asyncio.timeout(_HELLO_S):
        first = await anext(requests, None)
    if first is None or first.WhichOneof("said") != "hello":
        raise Invalid("A watch begins with a hello.", field="said")
    return first.hello
