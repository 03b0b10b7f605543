"""What the indexer asks of the catalog: its export, what changes and single items, decoded into plain rows."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from backline.catalog.v1 import catalog_pb2 as pb
from services.kit.errors import TooLate
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc
from services.search.domain.document import Kind
from services.search.domain.export import AlbumRow, ArtistRow, Export, News, Reference, Row, TrackRow, reference

_EXPORT = rpc(pb.ExportRequest, pb.ExportResponse)
_WATCH = rpc(pb.WatchRequest, pb.WatchResponse)
_BATCH_GET = rpc(pb.BatchGetRequest, pb.BatchGetResponse)
_BATCH = 100
"""As many as one call may ask for."""
_READ_LIMIT_S = 2.0
_WATCH_LIMIT_S = 24 * 3600.0
"""Longer than any catalog keeps a watcher."""
_LARGE = 100
_SILENCE_S = 30.0
"""Several times as long as a catalog is ever silent."""


@dataclass(frozen=True, slots=True)
class GrpcCatalogue:
    """The catalogue of the catalog service."""

    client: Client
    limit_s: float
    """For an export, whole."""

    @asynccontextmanager
    async def export(self, known_generation: int) -> AsyncGenerator[Export, None]:
        """Open an export."""
        request = pb.ExportRequest(known_generation=known_generation)
        async with aclosing(self.client.download(_EXPORT, request, self.limit_s)) as parts:
            header = await anext(parts)
            counts = {"artist": header.artist_count, "album": header.album_count, "track": header.track_count}
            yield Export(header.generation, counts, _chunks(parts))

    async def watch(self, since_generation: int) -> AsyncGenerator[News, None]:
        """Yield what changes. Raises TooLate where the catalog sends no sign of life, or has to be asked again."""
        request = pb.WatchRequest(since_generation=since_generation)
        async with aclosing(self.client.download(_WATCH, request, _WATCH_LIMIT_S)) as parts:
            while True:
                try:
                    async with asyncio.timeout(_SILENCE_S):
                        part = await anext(parts, None)
                except TimeoutError:
                    raise TooLate("The catalog's feed of changes is silent.") from None
                if part is None:
                    return
                # Large parts are decoded in a thread, since whoever follows has a loop to keep free.
                yield _news(part) if len(part.changed) < _LARGE else await asyncio.to_thread(_news, part)

    async def read(self, wanted: Sequence[Reference]) -> Sequence[Row]:
        """Return the items that there are."""
        found: list[Row] = []
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            request = pb.BatchGetRequest(references=[_message(reference) for reference in batch])
            answer = await self.client.call(_BATCH_GET, request, _READ_LIMIT_S)
            found += map(_row, answer.items)
        return found


@dataclass(slots=True)
class MemoryCatalogue:
    """A catalogue of the rows it is given, which whoever holds it may change."""

    generation: int
    rows: Sequence[Row]
    told: list[News] = field(default_factory=list)
    """What has changed since it was made, oldest first."""
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @asynccontextmanager
    async def export(self, known_generation: int) -> AsyncGenerator[Export, None]:
        """Open an export."""

        async def chunks() -> AsyncGenerator[Sequence[Row], None]:
            if known_generation != self.generation:
                yield tuple(self.rows)

        counts = Counter(reference(row).kind.name.lower() for row in self.rows)
        yield Export(self.generation, counts, chunks())

    async def watch(self, since_generation: int) -> AsyncGenerator[News, None]:
        """Yield what changes."""
        since = since_generation
        while True:
            told, since = self._told_after(since), self.generation
            for news in told:
                yield news
            await self._until_after(since)

    async def read(self, wanted: Sequence[Reference]) -> Sequence[Row]:
        """Return the items that there are."""
        asked = set(wanted)
        return [row for row in self.rows if reference(row) in asked]

    async def change(self, *changed: Row, removed: Sequence[Reference] = (), reset: bool = False) -> None:
        """Change the catalogue, and tell those who watch."""
        gone = {*removed, *map(reference, changed)}
        stays = [] if reset else [row for row in self.rows if reference(row) not in gone]
        self.rows = [*stays, *changed]
        self.generation += 1
        self.told.append(News(self.generation, changed, removed, reset))
        async with self._changed:
            self._changed.notify_all()

    def _told_after(self, since: int) -> Sequence[News]:
        if not self.generation - len(self.told) <= since <= self.generation:
            return [News(self.generation, tuple(self.rows), reset=True)]
        return [news for news in self.told if news.generation > since] or [News(self.generation)]

    async def _until_after(self, generation: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.generation > generation)


async def _chunks(parts: AsyncGenerator[pb.ExportResponse, None]) -> AsyncGenerator[Sequence[Row], None]:
    async for part in parts:
        yield rows(part)


def rows(part: pb.ExportResponse) -> list[Row]:
    """Return the items of one part of an export as rows."""
    return [_row(item) for item in part.items]


def _news(part: pb.WatchResponse) -> News:
    removed = tuple(Reference(_KINDS[gone.kind], gone.id) for gone in part.removed if gone.kind in _KINDS)
    return News(part.generation, tuple(map(_row, part.changed)), removed, part.reset)


def _message(wanted: Reference) -> pb.Reference:
    return pb.Reference(kind=_NUMBERS[wanted.kind], id=wanted.id)


_KINDS = {pb.KIND_TRACK: Kind.TRACK, pb.KIND_ALBUM: Kind.ALBUM, pb.KIND_ARTIST: Kind.ARTIST}
_NUMBERS = {kind: number for number, kind in _KINDS.items()}


def _row(item: pb.Item) -> Row:
    match item.WhichOneof("item"):
        case "track":
            return _track(item.track)
        case "album":
            return _album(item.album)
        case _:
            return _artist(item.artist)


def _artist(item: pb.Artist) -> ArtistRow:
    return ArtistRow(item.id, item.name, tuple(item.aliases), item.popularity)


def _album(item: pb.Album) -> AlbumRow:
    return AlbumRow(
        item.id,
        item.title,
        tuple(item.aliases),
        tuple(item.artist_ids),
        item.credit,
        item.release_year,
        item.popularity,
    )


def _track(item: pb.Track) -> TrackRow:
    return TrackRow(
        id=item.id,
        title=item.title,
        aliases=tuple(item.aliases),
        artist_ids=tuple(item.artist_ids),
        credit=item.credit,
        album_id=item.appearances[0].album_id if item.appearances else "",
        duration_ms=item.duration_ms,
        release_year=item.release_year,
        explicit=item.explicit,
        markets=tuple(item.markets),
        popularity=item.popularity,
    )
