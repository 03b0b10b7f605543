"""The routes of single items and their lists, with FastAPI; names of what they mention come in one more call.

An item's own page has a tag that covers all it shows, so that a caller who has it is told just that. What the catalog
could only tell from memory has an age instead and no tag: nobody knows whether it still holds.
"""

import asyncio
from collections.abc import Iterable
from math import ceil
from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from backline.catalog.v1 import catalog_pb2 as pb
from services.edge.api import examples, models
from services.edge.api.answers import Json, Names, album, artist, listed_track, track
from services.edge.api.conditional import Tags, Version
from services.edge.api.degraded import STALE, Degraded
from services.edge.api.documentation import not_modified_response, problem_responses
from services.edge.api.links import next_page
from services.edge.api.reply import JSON
from services.edge.clients.catalog import Catalog, TrackPage

MAX_BATCH = 100

ItemId = Annotated[str, Path(min_length=3, max_length=200, description="The item's id.", examples=["demo:1"])]
Limit = Annotated[int, Query(ge=1, le=100, description="How many tracks at most.")]
Cursor = Annotated[str, Query(max_length=500, description="next_cursor of the page before.")]


class Mentioned(NamedTuple):
    """What the catalog says of the items that an answer mentions."""

    names: Names
    versions: tuple[Version, ...]
    stale_ms: int


def item_routes(catalog: Catalog, degraded: Degraded) -> APIRouter:
    """Return the routes under /v1 that read the catalogue."""
    router = APIRouter(prefix="/v1", tags=["catalogue"], responses=problem_responses(404, 414, 422, 429, 503, 504))
    answered = _Answers(degraded)

    @router.get("/tracks/{id}", response_model=models.Track, responses=_page(examples.TRACK))
    async def get_track(id: ItemId) -> Response:  # noqa: A002 - the path's own word
        """Return a track with all that is known of it."""
        found = await catalog.track(id)
        item = found.track
        mentioned = await _mentioned(catalog, item.artist_ids, [place.album_id for place in item.appearances])
        return answered.item(track(item, mentioned.names), (id, found.version), found.stale_ms, mentioned)

    @router.get("/albums/{id}", response_model=models.Album, responses=_page(examples.ALBUM))
    async def get_album(id: ItemId) -> Response:  # noqa: A002 - the path's own word
        """Return an album; its tracks have a list of their own."""
        found = await catalog.album(id)
        mentioned = await _mentioned(catalog, found.album.artist_ids, ())
        return answered.item(album(found.album, mentioned.names), (id, found.version), found.stale_ms, mentioned)

    @router.get("/artists/{id}", response_model=models.Artist, responses=_page(examples.ARTIST))
    async def get_artist(id: ItemId) -> Response:  # noqa: A002 - the path's own word
        """Return an artist; its tracks have a list of their own."""
        found = await catalog.artist(id)
        return answered.item(artist(found.artist), (id, found.version), found.stale_ms, _joined(()))

    @router.get("/albums/{id}/tracks", response_model=models.TrackPage, responses=_example(examples.TRACK_PAGE))
    async def list_album_tracks(request: Request, id: ItemId, limit: Limit = 50, cursor: Cursor = "") -> Response:  # noqa: A002 - as above
        """Return an album's tracks in playing order, page by page."""
        asked = pb.ListAlbumTracksRequest(album_id=id, page_size=limit, page_token=cursor)
        page = await catalog.album_tracks(asked)
        return answered.listed(request, page, await _all_mentioned(catalog, page))

    @router.get("/artists/{id}/tracks", response_model=models.TrackPage, responses=_example(examples.TRACK_PAGE))
    async def list_artist_tracks(request: Request, id: ItemId, limit: Limit = 50, cursor: Cursor = "") -> Response:  # noqa: A002 - as above
        """Return an artist's tracks, most popular first, page by page."""
        asked = pb.ListArtistTracksRequest(artist_id=id, page_size=limit, page_token=cursor)
        page = await catalog.artist_tracks(asked)
        return answered.listed(request, page, await _all_mentioned(catalog, page))

    return router


class _Answers:
    """Makes answers, with what they say of their freshness."""

    def __init__(self, degraded: Degraded) -> None:
        self._degraded, self._tags = degraded, Tags()

    def item(self, answer: Json, version: Version, stale_ms: int, mentioned: Mentioned) -> Response:
        """Answer with an item's page."""
        oldest_ms = max(stale_ms, mentioned.stale_ms)
        tag = "" if oldest_ms else self._tags.of((version, *mentioned.versions))
        kept = {"etag": tag, "cache-control": "private, no-cache"} if tag else {}
        return Response(orjson.dumps(answer), headers={**JSON, **kept, **self._age(oldest_ms)})

    def listed(self, request: Request, page: TrackPage, mentioned: Mentioned) -> Response:
        """Answer with a page of tracks, and a link to the next."""
        tracks = [listed_track(item, mentioned.names) for item in page.tracks]
        body = orjson.dumps({"tracks": tracks, "next_cursor": page.next_page_token or None})
        answer = Response(body, headers={**JSON, **self._age(mentioned.stale_ms)})
        if page.next_page_token:
            answer.raw_headers.append(next_page(request.scope, page.next_page_token))
        return answer

    def _age(self, stale_ms: int) -> dict[str, str]:
        if not stale_ms:
            return {}
        self._degraded.count([STALE])
        return {"age": str(ceil(stale_ms / 1000))}


def _example(answer: Json) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The answer.", "content": {"application/json": {"example": answer}}}}


def _page(answer: Json) -> dict[int | str, dict[str, Any]]:
    return {**_example(answer), **not_modified_response()}


async def _all_mentioned(catalog: Catalog, page: TrackPage) -> Mentioned:
    artists = {each for item in page.tracks for each in item.artist_ids}
    albums = {item.appearances[0].album_id for item in page.tracks if item.appearances}
    return await _mentioned(catalog, sorted(artists), sorted(albums))


async def _mentioned(catalog: Catalog, artists: Iterable[str], albums: Iterable[str]) -> Mentioned:
    wanted = [pb.Reference(kind=pb.KIND_ARTIST, id=each) for each in artists]
    wanted += [pb.Reference(kind=pb.KIND_ALBUM, id=each) for each in albums]
    batches = [wanted[start : start + MAX_BATCH] for start in range(0, len(wanted), MAX_BATCH)]
    return _joined(await asyncio.gather(*map(catalog.batch, batches)))


def _joined(batches: Iterable[pb.BatchGetResponse]) -> Mentioned:
    batches = tuple(batches)
    items = [item for batch in batches for item in batch.items]
    versions = tuple((item.artist.id or item.album.id, item.version) for item in items)
    return Mentioned(Names.of(items), versions, max((batch.stale_ms for batch in batches), default=0))
