"""Every statement on the catalogue's tables. All of it blocks: catalog.py runs it in threads."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from services.catalog.domain.items import Item, Kind, Reference
from services.catalog.domain.store import (
    Counts,
    Decode,
    Delta,
    Encode,
    Kept,
    Outcome,
    Page,
    missing,
    not_taken_down,
)
from services.catalog.store.pages import page, start
from services.catalog.store.rows import (
    DELTA_ITEMS,
    JOURNAL_ENTRIES,
    KIND_NUMBER,
    KINDS,
    Changes,
    Key,
    compare,
    hiding,
    is_other,
    key_of,
    latest,
    showing,
    stored,
)
from services.kit.journal import Entry, Record, linked
from services.kit.journal_rows import entry_of, row_of
from services.kit.sqlite.transaction import transaction

_WRITE_ITEM = "INSERT OR REPLACE INTO item (kind, id, wire, changed) VALUES (?, ?, ?, ?)"
_DELETE_ITEM = "DELETE FROM item WHERE (kind, id) = (?, ?)"
_WRITE_PLACEMENT = "INSERT OR REPLACE INTO placement VALUES (?, ?, ?, ?)"
_DELETE_PLACEMENT = "DELETE FROM placement WHERE (owner_kind, owner, place, track) = (?, ?, ?, ?)"
# The first change begins anywhere, so that a catalogue made anew never counts to a number that an old index knows.
_COUNT = """
UPDATE catalog SET generation = CASE generation WHEN 0 THEN 1 + abs(random() % (1 << 40)) ELSE generation + 1 END,
    artists = artists + ?, albums = albums + ?, tracks = tracks + ?
RETURNING generation
"""
_BEGIN_AT = "UPDATE catalog SET floor = generation WHERE floor = 0"
_EMPTY = (
    "DELETE FROM item",
    "DELETE FROM placement",
    "UPDATE catalog SET artists = 0, albums = 0, tracks = 0, floor = 0",
)
_BY_IDS = "SELECT id, wire, changed FROM item WHERE kind = ? AND id IN (SELECT value FROM json_each(?))"
_WITHHELD_BY_IDS = "SELECT id, wire FROM takedown WHERE kind = ? AND id IN (SELECT value FROM json_each(?))"
_PAGE = """
SELECT owner_kind, owner, place, track, wire
FROM placement JOIN item ON item.kind = ? AND item.id = placement.track
WHERE owner_kind = ? AND owner = ? AND (place, track) > (?, ?)
ORDER BY place, track LIMIT ?
"""
_REACHED = "SELECT changed FROM item WHERE changed > ? ORDER BY changed LIMIT 1 OFFSET ?"
_CHANGED = """
SELECT kind, id, wire, changed FROM item WHERE changed > ? AND changed <= ? ORDER BY changed, kind, id
"""
_TAKEN_DOWN = "SELECT kind, id FROM takedown WHERE changed > ? AND changed <= ? ORDER BY changed, kind, id"
_JOURNAL = """
SELECT sequence, at, actor, action, subject, reason, previous, hash
FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?
"""
_RECORD = """
INSERT INTO journal (sequence, at, actor, action, subject, reason, previous, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_LAST_ENTRY = """
SELECT sequence, at, actor, action, subject, reason, previous, hash
FROM journal ORDER BY sequence DESC LIMIT 1
"""


def read(connection: sqlite3.Connection, key: Key) -> Kept | None:
    """Return one item, or None where there is no such item."""
    row = connection.execute("SELECT wire, changed FROM item WHERE kind = ? AND id = ?", key).fetchone()
    return Kept._make(row) if row else None


def read_many(connection: sqlite3.Connection, keys: Iterable[Key]) -> dict[Key, Kept]:
    """Return those items that there are."""
    return {(kind, id_): Kept(*kept) for kind, (id_, *kept) in _by_ids(connection, _BY_IDS, keys)}


def _withheld(connection: sqlite3.Connection, keys: Iterable[Key]) -> dict[Key, bytes]:
    """Return the wire bytes of those items that are taken down."""
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM takedown)").fetchone()[0]:
        return {}
    return {(kind, id_): wire for kind, (id_, wire) in _by_ids(connection, _WITHHELD_BY_IDS, keys)}


def _by_ids(connection: sqlite3.Connection, statement: str, keys: Iterable[Key]) -> Iterator[tuple[int, Sequence[Any]]]:
    ids: defaultdict[int, list[str]] = defaultdict(list)
    for kind, id_ in keys:
        ids[kind].append(id_)
    for kind, wanted in ids.items():
        for row in connection.execute(statement, (kind, json.dumps(wanted))):
            yield kind, row


def read_page(connection: sqlite3.Connection, owner: Key, page_size: int, page_token: str) -> Page | None:
    """Return a page of an album's or artist's tracks, or None where there is no such album or artist."""
    after = start(*owner, page_token)
    if read(connection, owner) is None:
        return None
    rows = connection.execute(_PAGE, (KIND_NUMBER[Kind.TRACK], *after, page_size + 1))
    return page([((kind, of, place, track), wire) for kind, of, place, track, wire in rows], page_size)


def read_state(connection: sqlite3.Connection) -> tuple[int, Counts]:
    """Return the generation, and how many items of each kind there are."""
    generation, *counts = connection.execute("SELECT generation, artists, albums, tracks FROM catalog").fetchone()
    return generation, Counts(*counts)


def begin_export(connection: sqlite3.Connection) -> tuple[int, Counts, sqlite3.Cursor]:
    """Begin a read transaction; return the state and a cursor over every row in an export's order."""
    connection.execute("BEGIN")
    rows = connection.execute("SELECT kind, id, wire, changed FROM item ORDER BY kind, id")
    return *read_state(connection), rows


def read_delta(connection: sqlite3.Connection, since: int) -> Delta:
    """Return the next changes after that generation."""
    with transaction(connection, "BEGIN"):
        generation, floor = connection.execute("SELECT generation, floor FROM catalog").fetchone()
        reset = is_other(since, floor, generation)
        start_at = 0 if reset else since
        reached = connection.execute(_REACHED, (start_at, DELTA_ITEMS - 1)).fetchone()
        span = (start_at, reached[0] if reached else generation)
        changed = tuple(stored(*row) for row in connection.execute(_CHANGED, span))
        removed = tuple(Reference(KINDS[kind], id_) for kind, id_ in connection.execute(_TAKEN_DOWN, span))
        return Delta(span[1], changed, removed, reset)


def read_journal(connection: sqlite3.Connection, after: int) -> list[Entry]:
    """Return the next entries of the journal behind that sequence number."""
    return [entry_of(row) for row in connection.execute(_JOURNAL, (after, JOURNAL_ENTRIES))]


def write(
    connection: sqlite3.Connection, items: Sequence[Item], encode: Encode, decode: Decode, *, replace: bool
) -> Outcome:
    """Add or update the items in one transaction and return what changed."""
    by_key = latest(items)
    with transaction(connection):
        emptied = replace and _empty(connection)
        there, withheld = read_many(connection, by_key), _withheld(connection, by_key)
        changes = compare(by_key, there, withheld, encode, decode)
        if emptied or changes:
            _apply(connection, changes)
        connection.executemany(
            "UPDATE takedown SET wire = ? WHERE (kind, id) = (?, ?)",
            [(wire, kind, id_) for kind, id_, wire in changes.withheld],
        )
    return changes.outcome


def take_down(connection: sqlite3.Connection, wanted: Reference, record: Record, decode: Decode) -> bool:
    """Hide the item and record that, in one transaction; return whether it was seen before."""
    key = key_of(wanted)
    with transaction(connection):
        if _withheld(connection, [key]):
            return False
        kept = read(connection, key)
        if kept is None:
            raise missing(wanted)
        generation = _apply(connection, hiding(key, kept.wire, decode))
        connection.execute("INSERT INTO takedown VALUES (?, ?, ?, ?)", (*key, kept.wire, generation))
        _record(connection, record)
        return True


def restore(connection: sqlite3.Connection, wanted: Reference, record: Record, decode: Decode) -> None:
    """Show an item again that was taken down and record that, in one transaction."""
    key = key_of(wanted)
    with transaction(connection):
        withheld = _withheld(connection, [key])
        if not withheld:
            raise not_taken_down(wanted)
        connection.execute("DELETE FROM takedown WHERE (kind, id) = (?, ?)", key)
        _apply(connection, showing(key, withheld[key], decode))
        _record(connection, record)


def _record(connection: sqlite3.Connection, record: Record) -> None:
    last = connection.execute(_LAST_ENTRY).fetchone()
    entry = linked(entry_of(last) if last else None, record)
    connection.execute(_RECORD, row_of(entry))


def _empty(connection: sqlite3.Connection) -> bool:
    if read_state(connection)[1] == Counts():
        return False
    for statement in _EMPTY:
        connection.execute(statement)
    return True


def _apply(connection: sqlite3.Connection, changes: Changes) -> int:
    """Make the changes and return the generation that they made."""
    added = (changes.added.artists, changes.added.albums, changes.added.tracks)
    (generation,) = connection.execute(_COUNT, added).fetchone()
    connection.execute(_BEGIN_AT)
    connection.executemany(_DELETE_PLACEMENT, changes.removed)
    connection.executemany(_DELETE_ITEM, changes.gone)
    connection.executemany(_WRITE_ITEM, [(*row, generation) for row in changes.rows])
    connection.executemany(_WRITE_PLACEMENT, changes.placed)
    return int(generation)
