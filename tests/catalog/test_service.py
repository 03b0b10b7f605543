"""CatalogService's answers, over the store in memory."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random

import pytest

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.service import MAX_BATCH, CatalogApi
from services.catalog.api.wire import batch_part, decode, encode, item_message
from services.catalog.domain.checks import MAX_POPULARITY, MAX_UINT32, check
from services.catalog.domain.items import (
    Album,
    AlbumId,
    Appearance,
    Artist,
    ArtistId,
    Item,
    Track,
    TrackId,
)
from services.catalog.store.cached import open_cache
from services.catalog.store.memory import MemoryCatalog
from services.catalog.store.policy import CachePolicy
from services.kit.clock import ManualClock
from services.kit.errors import Invalid, NotFound
from services.kit.grpc.rpc import MESSAGE_BOUND_BYTES

ARTIST = Artist(ArtistId("test:1"), "Moth Parliament")
ALBUM = Album(AlbumId("test:1"), "Minutes")
TRACK = Track(TrackId("test:1"), "Quorum", artist_ids=(ARTIST.id,), appearances=(Appearance(ALBUM.id, 1),))


@asynccontextmanager
async def api(*items: Item) -> AsyncGenerator[CatalogApi, None]:
    """Open the service over a store that holds the items."""
    store = MemoryCatalog(encode, decode)
    await store.write(items)
    async with open_cache(store, batch_part, CachePolicy(), ManualClock(), Random(1)) as cache:  # noqa: S311 - not a secret
        yield CatalogApi(store, cache)


def reference(kind: pb.Kind.ValueType, name: str) -> pb.Reference:
    """Return a reference."""
    return pb.Reference(kind=kind, id=name)


def first_version(item: Item) -> pb.Item:
    """Return the message of an item that a store's first write brought."""
    message = item_message(item)
    message.version = 1
    return message


async def batch(service: CatalogApi, *references: pb.Reference) -> pb.BatchGetResponse:
    """Ask for several items."""
    return pb.BatchGetResponse.FromString(await service.batch_get(pb.BatchGetRequest(references=references)))


async def exported(service: CatalogApi, known_generation: int = 0) -> Sequence[bytes]:
    """Return the messages of an export."""
    return [part async for part in service.export(pb.ExportRequest(known_generation=known_generation))]


async def test_a_batch_keeps_its_order_answers_once_and_lists_what_is_missing() -> None:
    """Unknown ids are no error; a reference named twice is answered once; the same id of two kinds is two items."""
    track, artist = reference(pb.KIND_TRACK, "test:1"), reference(pb.KIND_ARTIST, "test:1")
    gone = reference(pb.KIND_ALBUM, "test:gone")
    async with api(ARTIST, ALBUM, TRACK) as service:
        answers = [await batch(service, gone, track, artist, track, gone) for _ in range(2)]
    assert answers[0] == answers[1]
    answer = answers[0]
    assert list(answer.items) == [first_version(TRACK), first_version(ARTIST)]
    assert list(answer.missing) == [gone]


async def test_a_batch_is_bounded() -> None:
    """A hundred references are answered, one more is refused."""
    hundred = [reference(pb.KIND_TRACK, f"test:{number}") for number in range(MAX_BATCH)]
    async with api() as service:
        assert len((await batch(service, *hundred)).missing) == MAX_BATCH
        with pytest.raises(Invalid, match="At most 100"):
            await batch(service, *hundred, reference(pb.KIND_TRACK, "test:one-more"))


async def test_a_reference_of_no_kind_is_refused() -> None:
    """An id alone does not say what is meant."""
    async with api(TRACK) as service:
        with pytest.raises(Invalid, match="does not say what kind"):
            await batch(service, pb.Reference(id="test:1"))


async def test_lists_of_what_is_not_there_are_not_found() -> None:
    """An album without tracks has an empty list; no album has none."""
    async with api(ALBUM) as service:
        empty = await service.album_tracks(pb.ListAlbumTracksRequest(album_id="test:1"))
        assert pb.ListAlbumTracksResponse.FromString(empty) == pb.ListAlbumTracksResponse()
        with pytest.raises(NotFound):
            await service.album_tracks(pb.ListAlbumTracksRequest(album_id="test:gone"))
        with pytest.raises(NotFound):
            await service.artist_tracks(pb.ListArtistTracksRequest(artist_id="test:1"))


async def test_an_export_carries_everything_or_only_its_header() -> None:
    """Whoever has the generation already gets no items; everyone else gets all, counted before."""
    async with api(TRACK, ALBUM, ARTIST) as service:
        header, *parts = map(pb.ExportResponse.FromString, await exported(service))
        assert len(await exported(service, header.generation)) == 1
    assert (header.artist_count, header.album_count, header.track_count) == (1, 1, 1)
    assert [item for part in parts for item in part.items] == [first_version(each) for each in (ARTIST, ALBUM, TRACK)]


LONG_TEXTS = Track(
    TrackId("test:0"), "x" * 1_000, aliases=tuple(f"{alias:0>990}" for alias in range(8)), artist_ids=(ARTIST.id,)
)
LONG_LISTS = Track(
    TrackId("test:0"),
    "x",
    artist_ids=(ARTIST.id, *(ArtistId(f"t:{number}") for number in range(270))),
    appearances=tuple(Appearance(AlbumId(f"t:{number}"), MAX_UINT32) for number in range(300)),
    popularity=MAX_POPULARITY,
)


@pytest.mark.parametrize("largest", [LONG_TEXTS, LONG_LISTS])
async def test_the_largest_items_that_may_be_imported_can_be_read_again(largest: Track) -> None:
    """No import can make an answer or an export larger than a message may be."""
    check(largest)
    with pytest.raises(Invalid):
        check(replace(largest, aliases=(*largest.aliases, *(f"{alias:0>90}" for alias in range(10)))))
    large = [replace(largest, id=TrackId(f"test:{number}")) for number in range(700)]
    async with api(ARTIST, *large) as service:
        page = await service.artist_tracks(pb.ListArtistTracksRequest(artist_id="test:1", page_size=100))
        found = await service.batch_get(
            pb.BatchGetRequest(references=[reference(pb.KIND_TRACK, each.id) for each in large[:MAX_BATCH]])
        )
        parts = await exported(service)
    assert max(map(len, (page, found, *parts))) < MESSAGE_BOUND_BYTES
    assert sum(len(pb.ExportResponse.FromString(part).items) for part in parts) == 701
