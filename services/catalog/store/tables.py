"""Every statement on the catalogue's tables. All of it blocks: sqlite.py runs it in threads."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager

from services.catalog.domain.items import Item, Kind
from services.catalog.domain.store import Counts, Decode, Encode, Outcome, Page
from services.catalog.store.pages import page, start
from services.catalog.store.rows import KIND_NUMBER, Changes, Key, compare, latest

_WRITE_ITEM = "INSERT OR REPLACE INTO item VALUES (?, ?, ?)"
_WRITE_PLACEMENT = "INSERT OR REPLACE INTO placement VALUES (?, ?, ?, ?)"
_DELETE_PLACEMENT = "DELETE FROM placement WHERE (owner_kind, owner, place, track) = (?, ?, ?, ?)"
# The first change begins anywhere, so that a catalogue made anew never counts to a number that an old index knows.
_COUNT = """
UPDATE catalog SET generation = CASE generation WHEN 0 THEN 1 + abs(random() % (1 << 40)) ELSE generation + 1 END,
    artists = artists + ?, albums = albums + ?, tracks = tracks + ?
"""
_EMPTY = ("DELETE FROM item", "DELETE FROM placement", "UPDATE catalog SET artists = 0, albums = 0, tracks = 0")
_BY_IDS = "SELECT id, wire FROM item WHERE kind = ? AND id IN (SELECT value FROM json_each(?))"
_PAGE = """
SELECT owner_kind, owner, place, track, wire
FROM placement JOIN item ON item.kind = ? AND item.id = placement.track
WHERE owner_kind = ? AND owner = ? AND (place, track) > (?, ?)
ORDER BY place, track LIMIT ?
"""


def read(connection: sqlite3.Connection, key: Key) -> bytes | None:
    """Return the wire bytes of one item, or None where there is no such item."""
    row = connection.execute("SELECT wire FROM item WHERE kind = ? AND id = ?", key).fetchone()
    return row[0] if row else None


def read_many(connection: sqlite3.Connection, keys: Iterable[Key]) -> dict[Key, bytes]:
    """Return the wire bytes of those items that there are."""
    ids: defaultdict[int, list[str]] = defaultdict(list)
    for kind, id_ in keys:
        ids[kind].append(id_)
    found: dict[Key, bytes] = {}
    for kind, wanted in ids.items():
        found.update(((kind, id_), wire) for id_, wire in connection.execute(_BY_IDS, (kind, json.dumps(wanted))))
    return found


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
    return *read_state(connection), connection.execute("SELECT kind, id, wire FROM item ORDER BY kind, id")


def write(
    connection: sqlite3.Connection, items: Sequence[Item], encode: Encode, decode: Decode, *, replace: bool
) -> Outcome:
    """Add or update the items in one transaction and return what changed."""
    by_key = latest(items)
    with _transaction(connection):
        emptied = replace and _empty(connection)
        changes = compare(by_key, read_many(connection, by_key), encode, decode)
        if emptied or changes.rows:
            _apply(connection, changes)
    return changes.outcome


def _empty(connection: sqlite3.Connection) -> bool:
    if read_state(connection)[1] == Counts():
        return False
    for statement in _EMPTY:
        connection.execute(statement)
    return True


def _apply(connection: sqlite3.Connection, changes: Changes) -> None:
    connection.executemany(_DELETE_PLACEMENT, changes.removed)
    connection.executemany(_WRITE_ITEM, changes.rows)
    connection.executemany(_WRITE_PLACEMENT, changes.placed)
    connection.execute(_COUNT, (changes.added.artists, changes.added.albums, changes.added.tracks))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Generator[None, None, None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
