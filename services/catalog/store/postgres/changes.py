"""Every statement that changes the catalogue's tables. Each function is one transaction, and changes all or nothing.

All begin by locking the one row of `state`, so that changes are committed in the order of their generations: whoever
follows them by generation misses none.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from services.catalog.domain.items import Artist, Item, Reference
from services.catalog.domain.store import Counts, Decode, Encode, Kept, Outcome, missing, not_taken_down
from services.catalog.store.postgres.tables import State, columns, read, read_many
from services.catalog.store.rows import (
    KINDS,
    Changes,
    Key,
    Row,
    compare,
    hiding,
    key_of,
    latest,
    showing,
)
from services.kit.journal import Record, linked
from services.kit.journal_rows import entry_of, row_of
from services.kit.postgres.connections import Connection, fetched

_LOCK = "SELECT generation, floor, artists, albums, tracks FROM catalog.state FOR UPDATE"
# The first change begins anywhere, so that a catalogue made anew never counts to a number that an old index knows.
_COUNT = """
UPDATE catalog.state SET generation = next.generation, floor = CASE floor WHEN 0 THEN next.generation ELSE floor END,
    artists = artists + %s, albums = albums + %s, tracks = tracks + %s
FROM (
    SELECT CASE generation WHEN 0 THEN 1 + trunc(random() * 2.0 ^ 40)::bigint ELSE generation + 1 END AS generation
    FROM catalog.state
) AS next
RETURNING state.generation
"""
# Not TRUNCATE, which would empty the exports under way.
_EMPTY = (
    "DELETE FROM catalog.item",
    "DELETE FROM catalog.placement",
    "UPDATE catalog.state SET artists = 0, albums = 0, tracks = 0, floor = 0",
)
_DELETE_ITEMS = """
DELETE FROM catalog.item USING unnest(%s::smallint[], %s::text[]) AS gone (kind, id)
WHERE item.kind = gone.kind AND item.id = gone.id
"""
_DELETE_PLACEMENTS = """
DELETE FROM catalog.placement
USING unnest(%s::smallint[], %s::text[], %s::bigint[], %s::text[]) AS gone (owner_kind, owner, place, track)
WHERE (placement.owner_kind, placement.owner, placement.place, placement.track)
    = (gone.owner_kind, gone.owner, gone.place, gone.track)
"""
_COPY_ITEMS = """
COPY catalog.item (kind, id, wire, title, credit, popularity, changed) FROM STDIN (FORMAT BINARY)
"""
_ITEM_TYPES = ("int2", "text", "bytea", "text", "text", "int8", "int8")
_COPY_PLACEMENTS = "COPY catalog.placement (owner_kind, owner, place, track) FROM STDIN (FORMAT BINARY)"
_PLACEMENT_TYPES = ("int2", "text", "int8", "text")
_ANY_WITHHELD = "SELECT EXISTS (SELECT FROM catalog.takedown)"
_WITHHELD = """
SELECT kind, id, wire FROM catalog.takedown JOIN unnest(%s::smallint[], %s::text[]) AS wanted (kind, id)
    USING (kind, id)
"""
_WITHHOLD = "INSERT INTO catalog.takedown (kind, id, wire, changed) VALUES (%s, %s, %s, %s)"
_KEEP_WITHHELD = """
UPDATE catalog.takedown SET wire = kept.wire
FROM unnest(%s::smallint[], %s::text[], %s::bytea[]) AS kept (kind, id, wire)
WHERE takedown.kind = kept.kind AND takedown.id = kept.id
"""
_RELEASE = "DELETE FROM catalog.takedown WHERE kind = %s AND id = %s"
_LAST_ENTRY = """
SELECT sequence, at, actor, action, subject, reason, previous, hash
FROM catalog.journal ORDER BY sequence DESC LIMIT 1
"""
_RECORD = """
INSERT INTO catalog.journal (sequence, at, actor, action, subject, reason, previous, hash)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


async def write(
    connection: Connection, items: Sequence[Item], encode: Encode, decode: Decode, *, replace: bool
) -> Outcome:
    """Add or update the items and return what changed."""
    by_key = latest(items)
    async with connection.transaction():
        state = await _locked(connection)
        emptied = replace and await _empty(connection, state)
        is_empty = emptied or state.counts == Counts()
        there = {} if is_empty else await read_many(connection, by_key)
        withheld = await _withheld(connection, by_key)
        # Encoding a thousand items takes longer than the event loop may be held.
        changes = await asyncio.to_thread(compare, by_key, there, withheld, encode, decode)
        if emptied or changes:
            await _apply(connection, changes, by_key, there)
        if changes.withheld:
            await connection.execute(_KEEP_WITHHELD, _transposed(changes.withheld))
    return changes.outcome


async def take_down(connection: Connection, wanted: Reference, record: Record, decode: Decode) -> bool:
    """Hide the item and record that; return whether it was seen before."""
    key = key_of(wanted)
    async with connection.transaction():
        await _locked(connection)
        if await _withheld(connection, [key]):
            return False
        kept = await read(connection, key)
        if kept is None:
            raise missing(wanted)
        generation = await _apply(connection, hiding(key, kept.wire, decode), {}, {})
        await connection.execute(_WITHHOLD, (*key, kept.wire, generation))
        await _record(connection, record)
        return True


async def restore(connection: Connection, wanted: Reference, record: Record, decode: Decode) -> None:
    """Show an item again that was taken down, and record that."""
    key = key_of(wanted)
    async with connection.transaction():
        await _locked(connection)
        withheld = await _withheld(connection, [key])
        if not withheld:
            raise not_taken_down(wanted)
        await connection.execute(_RELEASE, key)
        shown = {key: decode(KINDS[key[0]], withheld[key])}
        await _apply(connection, showing(key, withheld[key], decode), shown, {})
        await _record(connection, record)


async def _locked(connection: Connection) -> State:
    return State(*(await fetched(connection, _LOCK))[0])


async def _empty(connection: Connection, state: State) -> bool:
    if state.counts == Counts():
        return False
    for statement in _EMPTY:
        await connection.execute(statement)
    return True


async def _withheld(connection: Connection, keys: Iterable[Key]) -> dict[Key, bytes]:
    """Return the wire bytes of those items that are taken down."""
    [(any_withheld,)] = await fetched(connection, _ANY_WITHHELD)
    rows = await fetched(connection, _WITHHELD, columns(keys)) if any_withheld else []
    return {(kind, id_): wire for kind, id_, wire in rows}


async def _apply(
    connection: Connection, changes: Changes, items: Mapping[Key, Item], replaced: Mapping[Key, Kept]
) -> int:
    """Make the changes and return the generation that they made, given the items to write and those in their place."""
    added = changes.added
    [(generation,)] = await fetched(connection, _COUNT, (added.artists, added.albums, added.tracks))
    gone = [*changes.gone, *(row[:2] for row in changes.rows if row[:2] in replaced)]
    if changes.removed:
        await connection.execute(_DELETE_PLACEMENTS, _transposed(changes.removed))
    if gone:
        await connection.execute(_DELETE_ITEMS, columns(gone))
    written = (_readable(row, items[row[:2]], generation) for row in changes.rows)
    await _copy(connection, _COPY_ITEMS, _ITEM_TYPES, written)
    # An item that nobody has checked may name an artist twice.
    await _copy(connection, _COPY_PLACEMENTS, _PLACEMENT_TYPES, dict.fromkeys(changes.placed))
    return int(generation)


def _readable(row: Row, item: Item, generation: int) -> tuple[object, ...]:
    """Return the row with what people may read of it."""
    title, credit = (item.name, "") if isinstance(item, Artist) else (item.title, item.credit)
    return *row, title, credit, item.popularity, generation


async def _copy(
    connection: Connection, statement: str, types: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    async with connection.cursor().copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            await copy.write_row(row)


def _transposed(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    """Return the columns of rows, as statements take many rows."""
    return [list(column) for column in zip(*rows, strict=True)]


async def _record(connection: Connection, record: Record) -> None:
    last = await fetched(connection, _LAST_ENTRY)
    entry = linked(entry_of(last[0]) if last else None, record)
    await connection.execute(_RECORD, row_of(entry))
