"""CatalogService: answers put together from stored wire bytes, which are never parsed on the way out."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.wire import item_bytes, keys_of, reference_message
from services.catalog.domain.items import AlbumId, ArtistId, Kind, Reference
from services.catalog.domain.reads import Reads
from services.catalog.domain.store import CatalogStore, Page, Stored, missing
from services.kit.errors import Exhausted, Invalid, NotFound, Unavailable
from services.kit.grpc.methods import Method, download, unary
from services.kit.grpc.rpc import MESSAGE_BOUND_BYTES, rpc
from services.kit.wire import field_bytes, number_bytes, repeated_bytes

MAX_BATCH = 100
MAX_PAGE = 100
DEFAULT_PAGE = 50

_ALWAYS = (Exhausted, Unavailable)
_READS = (NotFound, *_ALWAYS)

Get = TypeVar("Get", pb.GetTrackRequest, pb.GetAlbumRequest, pb.GetArtistRequest)


class CatalogApi:
    """Answers items by id from `reads`, lists and exports from the store."""

    def __init__(self, store: CatalogStore, reads: Reads) -> None:
        self._store, self._reads = store, reads

    def methods(self, limit_s: float, export_limit_s: float) -> list[Method]:
        """Return the methods of CatalogService."""
        return [
            unary(rpc(pb.GetTrackRequest, pb.GetTrackResponse), self._getter(Kind.TRACK), limit_s, fails=_READS),
            unary(rpc(pb.GetAlbumRequest, pb.GetAlbumResponse), self._getter(Kind.ALBUM), limit_s, fails=_READS),
            unary(rpc(pb.GetArtistRequest, pb.GetArtistResponse), self._getter(Kind.ARTIST), limit_s, fails=_READS),
            unary(rpc(pb.BatchGetRequest, pb.BatchGetResponse), self.batch_get, limit_s, fails=_ALWAYS),
            unary(rpc(pb.ListAlbumTracksRequest, pb.ListAlbumTracksResponse), self.album_tracks, limit_s, fails=_READS),
            unary(
                rpc(pb.ListArtistTracksRequest, pb.ListArtistTracksResponse), self.artist_tracks, limit_s, fails=_READS
            ),
            download(rpc(pb.ExportRequest, pb.ExportResponse), self.export, export_limit_s, fails=_ALWAYS),
        ]

    def _getter(self, kind: Kind) -> Callable[[Get], Awaitable[bytes]]:
        async def get(request: Get) -> bytes:
            wanted = Reference(kind, request.id)
            answers, stale_ms, _ = await self._reads.read((wanted,))
            kept = answers[wanted].kept
            if kept is None:
                raise missing(wanted)
            # Item, version and age have the same numbers in all three answers.
            return field_bytes(1, kept.wire) + number_bytes(2, kept.version) + _age(stale_ms)

        return get

    async def batch_get(self, request: pb.BatchGetRequest) -> bytes:
        """Return the items found in the order of their first mention, and the references that name nothing."""
        if len(request.references) > MAX_BATCH:
            raise Invalid(f"At most {MAX_BATCH} references fit in one call.", field="references")
        answers, stale_ms, absent = await self._reads.read(keys_of(request.references))
        parts = [answer.part for answer in answers.values()]
        if absent:
            parts.append(pb.BatchGetResponse(missing=map(reference_message, absent)).SerializeToString())
        return b"".join(parts) + _age(stale_ms)

    async def album_tracks(self, request: pb.ListAlbumTracksRequest) -> bytes:
        """Return a page of an album's tracks in playing order."""
        album, size = AlbumId(request.album_id), _page_size(request.page_size)
        page = await self._store.album_tracks(album, size, request.page_token)
        return _page(page, Kind.ALBUM, request.album_id)

    async def artist_tracks(self, request: pb.ListArtistTracksRequest) -> bytes:
        """Return a page of an artist's tracks, most popular first."""
        artist, size = ArtistId(request.artist_id), _page_size(request.page_size)
        page = await self._store.artist_tracks(artist, size, request.page_token)
        return _page(page, Kind.ARTIST, request.artist_id)

    async def export(self, request: pb.ExportRequest) -> AsyncGenerator[bytes, None]:
        """Yield a header with generation and counts, then all items, unless the caller has this generation already."""
        snapshot = await self._store.snapshot()
        try:
            counts = snapshot.counts
            yield pb.ExportResponse(
                generation=snapshot.generation,
                artist_count=counts.artists,
                album_count=counts.albums,
                track_count=counts.tracks,
            ).SerializeToString()
            if request.known_generation != snapshot.generation:
                async for chunk in snapshot.chunks:
                    for stored in _messages(chunk):
                        items = [item_bytes(each.reference.kind, each.kept) for each in stored]
                        yield repeated_bytes(pb.ExportResponse.ITEMS_FIELD_NUMBER, items)
        finally:
            await snapshot.chunks.aclose()


def _messages(chunk: Sequence[Stored]) -> Iterator[Sequence[Stored]]:
    """Cut a chunk that is too large for a message into parts of a hundred items, which fit however large they are."""
    size_bytes = sum(len(stored.kept.wire) for stored in chunk)
    length = len(chunk) if size_bytes < MESSAGE_BOUND_BYTES // 2 else MAX_BATCH
    return (chunk[start : start + length] for start in range(0, len(chunk), length))


def _age(stale_ms: int) -> bytes:
    """Return the field that says how old an answer is; it has the same number in all that have it."""
    return number_bytes(pb.BatchGetResponse.STALE_MS_FIELD_NUMBER, stale_ms) if stale_ms else b""


def _page_size(asked: int) -> int:
    return min(asked or DEFAULT_PAGE, MAX_PAGE)


def _page(page: Page | None, kind: Kind, name: str) -> bytes:
    """Return the page as an answer; tracks and token have the same numbers in both kinds of page."""
    if page is None:
        raise missing(Reference(kind, name))
    tracks = repeated_bytes(1, page.tracks)
    return tracks + (field_bytes(2, page.next_token.encode()) if page.next_token else b"")
