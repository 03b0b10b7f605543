"""What both stores keep: a row per item, and a placement per list that a track stands in."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from services.catalog.domain.items import Album, Artist, Item, Kind, Track
from services.catalog.domain.store import Counts, Decode, Encode, Outcome

KIND_NUMBER: Mapping[Kind, int] = {Kind.ARTIST: 1, Kind.ALBUM: 2, Kind.TRACK: 3}
"""The kinds in an export's order. The numbers are on disk: never change one."""
KINDS: Mapping[int, Kind] = {number: kind for kind, number in KIND_NUMBER.items()}

_NUMBER_OF: Mapping[type[Item], int] = {
    Artist: KIND_NUMBER[Kind.ARTIST],
    Album: KIND_NUMBER[Kind.ALBUM],
    Track: KIND_NUMBER[Kind.TRACK],
}

FIRST_PLACE = -(2**53)
"""Before every place: the most popular track of an artist stands at minus its popularity."""
UNKNOWN_PLACE = 2**32
"""After every known position on an album."""

CHUNK_ITEMS = 500
"""Items in one part of a snapshot."""

Key: TypeAlias = tuple[int, str]
"""An item's kind number and id; keys sort like an export."""

Row: TypeAlias = tuple[int, str, bytes]
"""An item's kind number, id and wire bytes."""

Placement: TypeAlias = tuple[int, str, int, str]
"""A track's place in a list: the key of the album or artist, the place, the track. A list's placements sort like it."""


def latest(items: Iterable[Item]) -> dict[Key, Item]:
    """Return the items by key; of an item named twice, the last."""
    return {(_NUMBER_OF[type(item)], item.id): item for item in items}


def placements(item: Item) -> list[Placement]:
    """Return the item's places in lists: none unless it is a track."""
    if not isinstance(item, Track):
        return []
    album, artist = KIND_NUMBER[Kind.ALBUM], KIND_NUMBER[Kind.ARTIST]
    on_albums = [(album, at.album_id, at.position or UNKNOWN_PLACE, item.id) for at in item.appearances]
    return on_albums + [(artist, artist_id, -item.popularity, item.id) for artist_id in item.artist_ids]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a batch changes: rows to write, placements to remove first, placements to add."""

    outcome: Outcome
    added: Counts
    rows: list[Row]
    removed: list[Placement]
    placed: list[Placement]


def compare(items: Mapping[Key, Item], stored: Mapping[Key, bytes], encode: Encode, decode: Decode) -> Changes:
    """Return what has to change for the items to be stored, where `stored` has the wire bytes of those that are."""
    rows: list[Row] = []
    added: Counter[int] = Counter()
    removed: list[Placement] = []
    placed: list[Placement] = []
    for key, item in items.items():
        wire, before = encode(item), stored.get(key)
        if wire == before:
            continue
        rows.append((*key, wire))
        placed += placements(item)
        if before is None:
            added[key[0]] += 1
        else:
            removed += placements(decode(KINDS[key[0]], before))
    outcome = Outcome(added.total(), len(rows) - added.total(), len(items) - len(rows))
    return Changes(outcome, _counts(added), rows, removed, placed)


def _counts(by_kind: Mapping[int, int]) -> Counts:
    return Counts(*(by_kind[KIND_NUMBER[kind]] for kind in (Kind.ARTIST, Kind.ALBUM, Kind.TRACK)))
