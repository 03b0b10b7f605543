"""What the edge asks of the catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from backline.catalog.v1 import catalog_pb2 as pb
from services.kit.errors import NotFound
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc

_TRACK = rpc(pb.GetTrackRequest, pb.GetTrackResponse)
_ALBUM = rpc(pb.GetAlbumRequest, pb.GetAlbumResponse)
_ARTIST = rpc(pb.GetArtistRequest, pb.GetArtistResponse)
_BATCH = rpc(pb.BatchGetRequest, pb.BatchGetResponse)
_ALBUM_TRACKS = rpc(pb.ListAlbumTracksRequest, pb.ListAlbumTracksResponse)
_ARTIST_TRACKS = rpc(pb.ListArtistTracksRequest, pb.ListArtistTracksResponse)

T = TypeVar("T")
TrackPage = pb.ListAlbumTracksResponse | pb.ListArtistTracksResponse


class Catalog(Protocol):
    """Reads the catalogue. Raises NotFound for what is not there, and the kit's other failures."""

    async def track(self, track_id: str) -> pb.GetTrackResponse:
        """Return one track."""
        ...

    async def album(self, album_id: str) -> pb.GetAlbumResponse:
        """Return one album."""
        ...

    async def artist(self, artist_id: str) -> pb.GetArtistResponse:
        """Return one artist."""
        ...

    async def batch(self, references: Sequence[pb.Reference]) -> pb.BatchGetResponse:
        """Return what there is of up to 100 references."""
        ...

    async def album_tracks(self, request: pb.ListAlbumTracksRequest) -> TrackPage:
        """Return a page of an album's tracks in playing order."""
        ...

    async def artist_tracks(self, request: pb.ListArtistTracksRequest) -> TrackPage:
        """Return a page of an artist's tracks, most popular first."""
        ...


@dataclass(frozen=True, slots=True)
class GrpcCatalog:
    """Asks the catalog service."""

    client: Client
    limit_s: float

    async def track(self, track_id: str) -> pb.GetTrackResponse:
        """Return one track."""
        return await self.client.call(_TRACK, pb.GetTrackRequest(id=track_id), self.limit_s)

    async def album(self, album_id: str) -> pb.GetAlbumResponse:
        """Return one album."""
        return await self.client.call(_ALBUM, pb.GetAlbumRequest(id=album_id), self.limit_s)

    async def artist(self, artist_id: str) -> pb.GetArtistResponse:
        """Return one artist."""
        return await self.client.call(_ARTIST, pb.GetArtistRequest(id=artist_id), self.limit_s)

    async def batch(self, references: Sequence[pb.Reference]) -> pb.BatchGetResponse:
        """Return what there is of up to 100 references."""
        return await self.client.call(_BATCH, pb.BatchGetRequest(references=references), self.limit_s)

    async def album_tracks(self, request: pb.ListAlbumTracksRequest) -> TrackPage:
        """Return a page of an album's tracks in playing order."""
        return await self.client.call(_ALBUM_TRACKS, request, self.limit_s)

    async def artist_tracks(self, request: pb.ListArtistTracksRequest) -> TrackPage:
        """Return a page of an artist's tracks, most popular first."""
        return await self.client.call(_ARTIST_TRACKS, request, self.limit_s)


@dataclass(frozen=True, slots=True)
class MemoryCatalog:
    """Reads the items it was made with; every list fits on one page.

    An item whose version is not given has none, and all answers are as old as `stale_ms` says.
    """

    tracks: Mapping[str, pb.Track] = field(default_factory=dict)
    albums: Mapping[str, pb.Album] = field(default_factory=dict)
    artists: Mapping[str, pb.Artist] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    stale_ms: int = 0

    async def track(self, track_id: str) -> pb.GetTrackResponse:
        """Return one track."""
        track = _found(self.tracks, track_id)
        return pb.GetTrackResponse(track=track, version=self._version(track_id), stale_ms=self.stale_ms)

    async def album(self, album_id: str) -> pb.GetAlbumResponse:
        """Return one album."""
        album = _found(self.albums, album_id)
        return pb.GetAlbumResponse(album=album, version=self._version(album_id), stale_ms=self.stale_ms)

    async def artist(self, artist_id: str) -> pb.GetArtistResponse:
        """Return one artist."""
        artist = _found(self.artists, artist_id)
        return pb.GetArtistResponse(artist=artist, version=self._version(artist_id), stale_ms=self.stale_ms)

    async def batch(self, references: Sequence[pb.Reference]) -> pb.BatchGetResponse:
        """Return what there is of the references."""
        items = []
        for reference in references:
            if reference.kind == pb.KIND_ARTIST and reference.id in self.artists:
                items.append(pb.Item(artist=self.artists[reference.id], version=self._version(reference.id)))
            if reference.kind == pb.KIND_ALBUM and reference.id in self.albums:
                items.append(pb.Item(album=self.albums[reference.id], version=self._version(reference.id)))
        return pb.BatchGetResponse(items=items, stale_ms=self.stale_ms)

    async def album_tracks(self, request: pb.ListAlbumTracksRequest) -> TrackPage:
        """Return the album's tracks."""
        _found(self.albums, request.album_id)
        on_it = [
            track
            for track in self.tracks.values()
            if any(place.album_id == request.album_id for place in track.appearances)
        ]
        return pb.ListAlbumTracksResponse(tracks=on_it)

    async def artist_tracks(self, request: pb.ListArtistTracksRequest) -> TrackPage:
        """Return the artist's tracks."""
        _found(self.artists, request.artist_id)
        by_them = [track for track in self.tracks.values() if request.artist_id in track.artist_ids]
        return pb.ListArtistTracksResponse(tracks=by_them)

    def _version(self, name: str) -> int:
        return self.versions.get(name, 0)


def _found(items: Mapping[str, T], name: str) -> T:
    if name not in items:
        raise NotFound(f"There is no {name!r}.")
    return items[name]
