"""Items as wire bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.wire import decode, decode_item, encode, item_bytes, item_message
from services.catalog.domain.items import (
    Album,
    AlbumId,
    Appearance,
    Artist,
    ArtistId,
    Item,
    Track,
    TrackId,
    reference,
)
from services.catalog.domain.store import Kept
from services.kit.errors import Invalid
from services.kit.wire import field_bytes

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LISTS = st.lists(TEXTS, max_size=3).map(tuple)
UINT32 = st.integers(0, 2**32 - 1)
POPULARITY = st.integers(0, 2**53 - 1)
ITEMS = st.one_of(
    st.builds(Artist, TEXTS.map(ArtistId), TEXTS, LISTS, POPULARITY),
    st.builds(Album, TEXTS.map(AlbumId), TEXTS, LISTS, LISTS, TEXTS, UINT32, POPULARITY),
    st.builds(
        Track,
        TEXTS.map(TrackId),
        TEXTS,
        aliases=LISTS,
        artist_ids=LISTS,
        credit=TEXTS,
        appearances=st.lists(st.builds(Appearance, TEXTS.map(AlbumId), UINT32), max_size=3).map(tuple),
        isrc=TEXTS,
        duration_ms=UINT32,
        release_year=UINT32,
        explicit=st.booleans(),
        markets=LISTS,
        popularity=POPULARITY,
    ),
)


@given(ITEMS)
def test_an_item_survives_the_wire(item: Item) -> None:
    """Decoding what was encoded gives an equal item, whatever is in it or left out."""
    assert decode(reference(item).kind, encode(item)) == item
    assert decode_item(item_message(item)) == item


@given(ITEMS, st.integers(1, 2**63))
def test_stored_bytes_become_an_item_without_parsing(item: Item, version: int) -> None:
    """The bytes of an Item made around stored bytes and a version are those of the message."""
    message = item_message(item)
    message.version = version
    made = item_bytes(reference(item).kind, Kept(encode(item), version))
    assert made == message.SerializeToString(deterministic=True)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 300_000])
def test_joined_fields_are_a_message(size: int) -> None:
    """Fields of every size, joined, parse as the message that has them."""
    items: list[Item] = [Artist(ArtistId("test:1"), "x" * size), Album(AlbumId("test:2"), "Short")]
    wire = b"".join(field_bytes(5, item_bytes(reference(item).kind, Kept(encode(item), 0))) for item in items)
    assert pb.ExportResponse.FromString(wire) == pb.ExportResponse(items=map(item_message, items))


def test_an_item_that_is_nothing_is_refused() -> None:
    """A message that carries no item is Invalid, not an empty item."""
    with pytest.raises(Invalid):
        decode_item(pb.Item())
