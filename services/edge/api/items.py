"""The routes of single items and their lists, with FastAPI; names of what they mention come in one more call."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Response

from backline.catalog.v1 import catalog_pb2 as pb
from services.edge.api import examples, models
from services.edge.api.answers import Json, Names, album, artist, listed_track, track
from services.edge.api.documentation import problem_responses
from services.edge.api.front import JSON
from services.edge.clients.catalog import Catalog, TrackPage

MAX_BATCH = 100

ItemId = Annotated[str, Path(min_length=3, max_length=200, description="The item's id.", examples=["demo:1"])]
Limit = Annotated[int, Query(ge=1, le=100, description="How many tracks at most.")]
Cursor = Annotated[str, Query(max_length=500, description="next_cursor of the page before.")]


def item_routes(catalog: Catalog) -> APIRouter:
    """Return the routes under /v1 that read the catalogue."""
    router = APIRouter(prefix="/v1", tags=["catalogue"], responses=problem_responses(404, 414, 422, 429, 503, 504))

    @router.get("/tracks/{id}", response_model=models.Track, responses=_example(examples.TRACK))
    async def get_track(id: ItemId) -> Response:  # noqa: A002 - the path's own word
        """Return a track with all that is known of it."""
        item = await catalog.track(id)
        places = [place.album_id for place in item.appearances]
        return _json(track(item, await _names(catalog, item.artist_ids, places)))

    @router.get("/albums/{id}", response_model=models.Album, responses=_example(examples.ALBUM))
    async def get_album(id: ItemId) -> Response:  # noqa: A002 - the path's own word
        """Return an album; its tracks have a list of their own."""
        item = await catalog.album(id)
        return _json(album(item, await _names(catalog, item.artist_ids, ())))

    @router.get("/artists/{id}", response_model=models.Artist, responses=_example(examples.ARTIST))
    async def get_artist(id: ItemId) -> Response:  # noqa: A002 - the path's own word
        """Return an artist; its tracks have a list of their own."""
        return _json(artist(await catalog.artist(id)))

    @router.get("/albums/{id}/tracks", response_model=models.TrackPage, responses=_example(examples.TRACK_PAGE))
    async def list_album_tracks(id: ItemId, limit: Limit = 50, cursor: Cursor = "") -> Response:  # noqa: A002 - as above
        """Return an album's tracks in playing order, page by page."""
        request = pb.ListAlbumTracksRequest(album_id=id, page_size=limit, page_token=cursor)
        return await _listed(catalog, await catalog.album_tracks(request))

    @router.get("/artists/{id}/tracks", response_model=models.TrackPage, responses=_example(examples.TRACK_PAGE))
    async def list_artist_tracks(id: ItemId, limit: Limit = 50, cursor: Cursor = "") -> Response:  # noqa: A002 - as above
        """Return an artist's tracks, most popular first, page by page."""
        request = pb.ListArtistTracksRequest(artist_id=id, page_size=limit, page_token=cursor)
        return await _listed(catalog, await catalog.artist_tracks(request))

    return router


def _example(answer: Json) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}}


async def _listed(catalog: Catalog, page: TrackPage) -> Response:
    artists = {each for item in page.tracks for each in item.artist_ids}
    albums = {item.appearances[0].album_id for item in page.tracks if item.appearances}
    names = await _names(catalog, sorted(artists), sorted(albums))
    tracks = [listed_track(item, names) for item in page.tracks]
    return _json({"tracks": tracks, "next_cursor": page.next_page_token or None})


async def _names(catalog: Catalog, artists: Iterable[str], albums: Iterable[str]) -> Names:
    wanted = [pb.Reference(kind=pb.KIND_ARTIST, id=each) for each in artists]
    wanted += [pb.Reference(kind=pb.KIND_ALBUM, id=each) for each in albums]
    batches: Sequence[Sequence[pb.Reference]] = [
        wanted[start : start + MAX_BATCH] for start in range(0, len(wanted), MAX_BATCH)
    ]
    answers = await asyncio.gather(*map(catalog.batch, batches))
    return Names.of([item for items in answers for item in items])


def _json(answer: Json) -> Response:
    return Response(orjson.dumps(answer), headers=JSON)
