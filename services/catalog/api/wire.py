"""Items as wire bytes, and messages put together from stored bytes without parsing them."""

from collections.abc import Iterable, Mapping

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.domain.items import (
    Album,
    AlbumId,
    Appearance,
    Artist,
    ArtistId,
    Item,
    Key,
    Kind,
    Reference,
    Track,
    TrackId,
)
from services.catalog.domain.store import Kept
from services.kit.errors import Invalid
from services.kit.wire import field_bytes, number_bytes


def encode(item: Item) -> bytes:
    """Return the item as one backline.catalog.v1 Track, Album or Artist; the same item always gives the same bytes."""
    return _message(item).SerializeToString(deterministic=True)


def decode(kind: Kind, wire: bytes) -> Item:
    """Return the item that `encode` turned into these bytes."""
    match kind:
        case Kind.TRACK:
            return _track(pb.Track.FromString(wire))
        case Kind.ALBUM:
            return _album(pb.Album.FromString(wire))
        case Kind.ARTIST:
            return _artist(pb.Artist.FromString(wire))


def item_message(item: Item) -> pb.Item:
    """Return the item as the message that carries any kind."""
    match item:
        case Track():
            return pb.Item(track=_track_message(item))
        case Album():
            return pb.Item(album=_album_message(item))
        case Artist():
            return pb.Item(artist=_artist_message(item))


def decode_item(message: pb.Item) -> Item:
    """Return the item that the message carries. Raises Invalid where it carries none."""
    match message.WhichOneof("item"):
        case "track":
            return _track(message.track)
        case "album":
            return _album(message.album)
        case "artist":
            return _artist(message.artist)
        case None:
            raise Invalid("An item is neither a track nor an album nor an artist.", field="item")


def _message(item: Item) -> pb.Track | pb.Album | pb.Artist:
    match item:
        case Track():
            return _track_message(item)
        case Album():
            return _album_message(item)
        case Artist():
            return _artist_message(item)


def _track_message(item: Track) -> pb.Track:
    message = pb.Track(
        id=item.id,
        title=item.title,
        artist_ids=item.artist_ids,
        credit=item.credit,
        isrc=item.isrc,
        duration_ms=item.duration_ms,
        release_year=item.release_year,
        explicit=item.explicit,
        popularity=item.popularity,
    )
    # Lists that mostly are empty cost time even so: an import makes millions of these.
    if item.aliases:
        message.aliases.extend(item.aliases)
    if item.markets:
        message.markets.extend(item.markets)
    for appearance in item.appearances:
        message.appearances.add(album_id=appearance.album_id, position=appearance.position)
    return message


def _album_message(item: Album) -> pb.Album:
    return pb.Album(
        id=item.id,
        title=item.title,
        aliases=item.aliases,
        artist_ids=item.artist_ids,
        credit=item.credit,
        release_year=item.release_year,
        popularity=item.popularity,
    )


def _artist_message(item: Artist) -> pb.Artist:
    return pb.Artist(id=item.id, name=item.name, aliases=item.aliases, popularity=item.popularity)


def _track(message: pb.Track) -> Track:
    return Track(
        id=TrackId(message.id),
        title=message.title,
        aliases=tuple(message.aliases),
        artist_ids=tuple(map(ArtistId, message.artist_ids)),
        credit=message.credit,
        appearances=tuple(Appearance(AlbumId(place.album_id), place.position) for place in message.appearances),
        isrc=message.isrc,
        duration_ms=message.duration_ms,
        release_year=message.release_year,
        explicit=message.explicit,
        markets=tuple(message.markets),
        popularity=message.popularity,
    )


def _album(message: pb.Album) -> Album:
    return Album(
        id=AlbumId(message.id),
        title=message.title,
        aliases=tuple(message.aliases),
        artist_ids=tuple(map(ArtistId, message.artist_ids)),
        credit=message.credit,
        release_year=message.release_year,
        popularity=message.popularity,
    )


def _artist(message: pb.Artist) -> Artist:
    return Artist(
        id=ArtistId(message.id),
        name=message.name,
        aliases=tuple(message.aliases),
        popularity=message.popularity,
    )


_ITEM_FIELD: Mapping[Kind, int] = {
    Kind.TRACK: pb.Item.TRACK_FIELD_NUMBER,
    Kind.ALBUM: pb.Item.ALBUM_FIELD_NUMBER,
    Kind.ARTIST: pb.Item.ARTIST_FIELD_NUMBER,
}


def item_bytes(kind: Kind, kept: Kept) -> bytes:
    """Return a stored track, album or artist and its version as the bytes of one backline.catalog.v1 Item."""
    return field_bytes(_ITEM_FIELD[kind], kept.wire) + number_bytes(pb.Item.VERSION_FIELD_NUMBER, kept.version)


def batch_part(wanted: Reference, kept: Kept) -> bytes:
    """Return the bytes of one item in a BatchGetResponse."""
    return field_bytes(pb.BatchGetResponse.ITEMS_FIELD_NUMBER, item_bytes(wanted.kind, kept))


KINDS: Mapping[int, Kind] = {pb.KIND_TRACK: Kind.TRACK, pb.KIND_ALBUM: Kind.ALBUM, pb.KIND_ARTIST: Kind.ARTIST}
_KIND_NUMBERS = {kind: pb.Kind.ValueType(number) for number, kind in KINDS.items()}


def reference_of(message: pb.Reference) -> Reference:
    """Return the reference. Raises Invalid where it does not say what kind it names."""
    return Reference(*keys_of((message,))[0])


def keys_of(messages: Iterable[pb.Reference]) -> list[Key]:
    """Return the references as bare pairs. Raises Invalid where one does not say what kind it names."""
    kinds = KINDS
    try:
        return [(kinds[message.kind], message.id) for message in messages]
    except KeyError:
        raise Invalid("A reference does not say what kind its id names.", field="reference") from None


def reference_message(wanted: Reference) -> pb.Reference:
    """Return the reference as a message."""
    return pb.Reference(kind=_KIND_NUMBERS[wanted.kind], id=wanted.id)
