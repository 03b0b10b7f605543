"""What every store keeps: a row per item, and a placement per list that a track stands in."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.catalog.domain.items import Album, Artist, Item, Kind, Reference, Track
from services.catalog.domain.store import Counts, Decode, Encode, Kept, Outcome, Stored

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
DELTA_ITEMS = 1_000
"""Items in one delta, and those of its last generation beyond it."""
JOURNAL_ENTRIES = 1_000
"""Entries of the journal that are read at a time."""

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
    """What a batch changes: placements and items to remove first, then rows to write and placements to add."""

    outcome: Outcome
    added: Counts
    """How many items of each kind come; negative where they go."""
    rows: Sequence[Row] = ()
    gone: Sequence[Key] = ()
    removed: Sequence[Placement] = ()
    placed: Sequence[Placement] = ()
    withheld: Sequence[Row] = ()
    """Items that are taken down and differ: to be kept, out of sight. They are no change of the catalogue."""

    def __bool__(self) -> bool:
        """Whether the catalogue changes."""
        return bool(self.rows or self.gone)


def compare(
    items: Mapping[Key, Item],
    stored: Mapping[Key, Kept],
    withheld: Mapping[Key, bytes],
    encode: Encode,
    decode: Decode,
) -> Changes:
    """Return what has to change for the items to be stored, given those that are there and those taken down."""
    rows: list[Row] = []
    hidden: list[Row] = []
    added: Counter[int] = Counter()
    removed: list[Placement] = []
    placed: list[Placement] = []
    for key, item in items.items():
        wire = encode(item)
        if key in withheld:
            hidden.append((*key, wire))
            continue
        before = stored.get(key)
        if before is None:
            added[key[0]] += 1
        elif before.wire == wire:
            continue
        else:
            removed += placements(decode(KINDS[key[0]], before.wire))
        rows.append((*key, wire))
        placed += placements(item)
    new = added.total()
    outcome = Outcome(new, len(rows) - new, len(items) - len(rows) - len(hidden), len(hidden))
    differing = [row for row in hidden if withheld[row[:2]] != row[2]]
    return Changes(outcome, _counts(added), rows, (), removed, placed, differing)


def hiding(key: Key, wire: bytes, decode: Decode) -> Changes:
    """Return what has to change for the item not to be seen."""
    removed = placements(decode(KINDS[key[0]], wire))
    return Changes(Outcome(), _counts({key[0]: -1}), gone=[key], removed=removed)


def showing(key: Key, wire: bytes, decode: Decode) -> Changes:
    """Return what has to change for the item to be seen again."""
    placed = placements(decode(KINDS[key[0]], wire))
    return Changes(Outcome(), _counts({key[0]: 1}), rows=[(*key, wire)], placed=placed)


def _counts(by_kind: Mapping[int, int]) -> Counts:
    return Counts(*(by_kind.get(KIND_NUMBER[kind], 0) for kind in (Kind.ARTIST, Kind.ALBUM, Kind.TRACK)))


def stored(kind: int, id_: str, wire: bytes, version: int) -> Stored:
    """Return a row of items as the port has it."""
    return Stored(Reference(KINDS[kind], id_), Kept(wire, version))


def key_of(wanted: Reference) -> Key:
    """Return the key of the item that the reference names."""
    return KIND_NUMBER[wanted.kind], wanted.id


def is_other(since: int, floor: int, generation: int) -> bool:
    """Whether a caller that knows the generation `since` knows another catalogue, or this one before it was emptied."""
    return since != 0 and not floor <= since <= generation
