"""What search asks of the catalog: its export, decoded into plain rows."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from backline.catalog.v1 import catalog_pb2 as pb
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc
from services.search.domain.export import AlbumRow, ArtistRow, Export, Row, TrackRow

_EXPORT = rpc(pb.ExportRequest, pb.ExportResponse)


@dataclass(frozen=True, slots=True)
class GrpcCatalogue:
    """Exports the catalogue of the catalog service."""

    client: Client
    limit_s: float

    @asynccontextmanager
    async def export(self, known_generation: int) -> AsyncGenerator[Export, None]:
        """Open an export."""
        request = pb.ExportRequest(known_generation=known_generation)
        async with aclosing(self.client.download(_EXPORT, request, self.limit_s)) as parts:
            header = await anext(parts)
            item_count = header.artist_count + header.album_count + header.track_count
            yield Export(header.generation, item_count, _chunks(parts))


@dataclass(frozen=True, slots=True)
class MemoryCatalogue:
    """Exports the rows it was made with."""

    generation: int
    rows: Sequence[Row]

    @asynccontextmanager
    async def export(self, known_generation: int) -> AsyncGenerator[Export, None]:
        """Open an export."""

        async def chunks() -> AsyncGenerator[Sequence[Row], None]:
            if known_generation != self.generation:
                yield self.rows

        yield Export(self.generation, len(self.rows), chunks())


async def _chunks(parts: AsyncGenerator[pb.ExportResponse, None]) -> AsyncGenerator[Sequence[Row], None]:
    async for part in parts:
        yield rows(part)


def rows(part: pb.ExportResponse) -> list[Row]:
    """Return the items of one part of an export as rows."""
    return [_row(item) for item in part.items]


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
