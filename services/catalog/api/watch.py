"""CatalogService.Watch: what has changed since a generation, then what changes, for as long as somebody listens."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.wire import item_bytes, reference_message
from services.catalog.domain.store import CatalogStore, Delta
from services.kit.errors import Exhausted, Unavailable
from services.kit.grpc.methods import Method, download
from services.kit.grpc.rpc import MESSAGE_BOUND_BYTES, rpc
from services.kit.wire import field_bytes, number_bytes

PART_BYTES = MESSAGE_BOUND_BYTES // 2
"""What fields of one message may take. A single one takes little more than MAX_ITEM_BYTES."""


class News(Protocol):
    """Says when there is something new."""

    ended: bool
    """Whether nothing comes any more: the server stops."""

    async def until_after(self, generation: int) -> None:
        """Wait until the generation is past that one, or `ended`."""
        ...


class WatchApi:
    """Streams deltas to at most so many watchers, and a sign of life to each every so many seconds."""

    def __init__(self, store: CatalogStore, news: News, heartbeat_s: float, most: int) -> None:
        self._store, self._news, self._heartbeat_s, self._most = store, news, heartbeat_s, most
        self.watchers = 0

    def methods(self, limit_s: float) -> list[Method]:
        """Return the method; after its limit a watcher has to ask again, which spreads them over the replicas."""
        fails = (Exhausted, Unavailable)
        return [download(rpc(pb.WatchRequest, pb.WatchResponse), self.watch, limit_s, fails=fails)]

    async def watch(self, request: pb.WatchRequest) -> AsyncGenerator[bytes, None]:
        """Yield what has changed since the generation, then each change; ends when the server stops."""
        with self._place():
            since = request.since_generation
            while not self._news.ended:
                delta = await self._store.delta(since)
                for part in parts(since, delta):
                    yield part
                since = delta.generation
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._heartbeat_s):
                        await self._news.until_after(since)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self.watchers >= self._most:
            raise Exhausted(f"{self._most} watchers are all that this catalog serves.", retry_after_s=self._heartbeat_s)
        self.watchers += 1
        try:
            yield
        finally:
            self.watchers -= 1


def parts(since: int, delta: Delta) -> Iterator[bytes]:
    """Yield the delta as messages, one or as many as it takes; the reset comes with the first.

    All but the last carry the generation before the delta: whoever is cut off between them and asks again from there
    gets the whole delta once more, and so misses nothing.
    """
    *before, last = _bodies(delta)
    for body in before:
        yield number_bytes(pb.WatchResponse.GENERATION_FIELD_NUMBER, since) + body
    yield number_bytes(pb.WatchResponse.GENERATION_FIELD_NUMBER, delta.generation) + last


def _bodies(delta: Delta) -> Iterator[bytes]:
    """Yield the fields of all messages but their generation, at least one body, however empty."""
    body = bytearray()
    for each in _fields(delta):
        if len(body) + len(each) > PART_BYTES:
            yield bytes(body)
            body.clear()
        body += each
    yield bytes(body)


def _fields(delta: Delta) -> Iterable[bytes]:
    if delta.reset:
        yield number_bytes(pb.WatchResponse.RESET_FIELD_NUMBER, 1)
    for stored in delta.changed:
        yield field_bytes(pb.WatchResponse.CHANGED_FIELD_NUMBER, item_bytes(stored.reference.kind, stored.kept))
    for gone in delta.removed:
        yield field_bytes(pb.WatchResponse.REMOVED_FIELD_NUMBER, reference_message(gone).SerializeToString())
