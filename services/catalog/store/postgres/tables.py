"""Every statement that reads the catalogue's tables. A connection has one job at a time."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import NamedTuple

from services.catalog.domain.items import Kind, Reference
from services.catalog.domain.store import Counts, Delta, Kept, Page, Stored
from services.catalog.store.pages import page, start
from services.catalog.store.rows import (
    CHUNK_ITEMS,
    DELTA_ITEMS,
    JOURNAL_ENTRIES,
    KIND_NUMBER,
    KINDS,
    Key,
    is_other,
    stored,
)
from services.kit.journal import Entry
from services.kit.journal_rows import entry_of
from services.kit.postgres.connections import AS_IT_IS_NOW, Connection, fetched

_BY_KEY = "SELECT wire, changed FROM catalog.item WHERE kind = %s AND id = %s"
_BY_KEYS = """
SELECT kind, id, wire, changed FROM catalog.item JOIN unnest(%s::smallint[], %s::text[]) AS wanted (kind, id)
    USING (kind, id)
"""
# One row without a track where the list is empty, none where there is no such owner.
_PAGE = """
SELECT listed.place, listed.track, listed.wire FROM catalog.item AS owner LEFT JOIN LATERAL (
    SELECT place, track, item.wire
    FROM catalog.placement JOIN catalog.item ON item.kind = %(track_kind)s AND item.id = placement.track
    WHERE owner_kind = %(kind)s AND owner = %(id)s AND (place, track) > (%(place)s, %(track)s)
    ORDER BY place, track LIMIT %(rows)s
) AS listed ON true
WHERE owner.kind = %(kind)s AND owner.id = %(id)s ORDER BY listed.place, listed.track
"""
_STATE = "SELECT generation, floor, artists, albums, tracks FROM catalog.state"
_ALL = "SELECT kind, id, wire, changed FROM catalog.item ORDER BY kind, id"
_REACHED = "SELECT changed FROM catalog.item WHERE changed > %s ORDER BY changed LIMIT 1 OFFSET %s"
_CHANGED = """
SELECT kind, id, wire, changed FROM catalog.item WHERE changed > %s AND changed <= %s ORDER BY changed, kind, id
"""
_TAKEN_DOWN = """
SELECT kind, id FROM catalog.takedown WHERE changed > %s AND changed <= %s ORDER BY changed, kind, id
"""
_JOURNAL = """
SELECT sequence, at, actor, action, subject, reason, previous, hash
FROM catalog.journal WHERE sequence > %s ORDER BY sequence LIMIT %s
"""
_IS_BEGUN = "SELECT to_regclass('catalog.state') IS NOT NULL"


class State(NamedTuple):
    """The one row of the table of that name."""

    generation: int
    floor: int
    artists: int
    albums: int
    tracks: int

    @property
    def counts(self) -> Counts:
        """How many items of each kind there are."""
        return Counts(self.artists, self.albums, self.tracks)


async def is_begun(connection: Connection) -> bool:
    """Whether the database has a catalogue's tables, of whatever version."""
    return bool((await fetched(connection, _IS_BEGUN))[0][0])


async def read(connection: Connection, key: Key) -> Kept | None:
    """Return one item, or None where there is no such item."""
    rows = await fetched(connection, _BY_KEY, key) if _can_be(key) else []
    return Kept(*rows[0]) if rows else None


async def read_many(connection: Connection, keys: Iterable[Key]) -> dict[Key, Kept]:
    """Return those items that there are."""
    rows = await fetched(connection, _BY_KEYS, columns(keys))
    return {(kind, id_): Kept(wire, version) for kind, id_, wire, version in rows}


def columns(keys: Iterable[Key]) -> tuple[list[int], list[str]]:
    """Return the kind numbers and the ids of those that there can be, as statements take many keys."""
    listed = list(filter(_can_be, keys))
    return [kind for kind, _ in listed], [id_ for _, id_ in listed]


def _can_be(key: Key) -> bool:
    """Whether an item of that key can be there: the database takes no text with a NUL, not even to look for it."""
    return "\0" not in key[1]


async def read_page(connection: Connection, owner: Key, page_size: int, page_token: str) -> Page | None:
    """Return a page of an album's or artist's tracks, or None where there is no such album or artist."""
    kind, id_, place, track = start(*owner, page_token)
    asked = {"kind": kind, "id": id_, "place": place, "track": track, "rows": page_size + 1}
    asked["track_kind"] = KIND_NUMBER[Kind.TRACK]
    rows = await fetched(connection, _PAGE, asked) if _can_be(owner) else []
    if not rows:
        return None
    return page([((kind, id_, place, track), wire) for place, track, wire in rows if track is not None], page_size)


async def read_state(connection: Connection) -> State:
    """Return the generation and what belongs to it."""
    return State(*(await fetched(connection, _STATE))[0])


async def read_delta(connection: Connection, since: int) -> Delta:
    """Return the next changes after that generation."""
    if since == (await read_state(connection)).generation:
        return Delta(since)
    async with connection.transaction():
        await connection.execute(AS_IT_IS_NOW)
        state = await read_state(connection)
        reset = is_other(since, state.floor, state.generation)
        start_at = 0 if reset else since
        reached = await fetched(connection, _REACHED, (start_at, DELTA_ITEMS - 1))
        span = (start_at, reached[0][0] if reached else state.generation)
        changed = tuple(stored(*row) for row in await fetched(connection, _CHANGED, span))
        removed = tuple(Reference(KINDS[kind], id_) for kind, id_ in await fetched(connection, _TAKEN_DOWN, span))
        return Delta(span[1], changed, removed, reset)


async def read_journal(connection: Connection, after: int) -> list[Entry]:
    """Return the next entries of the journal behind that sequence number."""
    return [entry_of(row) for row in await fetched(connection, _JOURNAL, (after, JOURNAL_ENTRIES))]


async def begin_export(connection: Connection) -> State:
    """Begin a transaction that sees the catalogue as it is now, and a cursor over every row in an export's order."""
    await connection.set_autocommit(False)
    await connection.execute(AS_IT_IS_NOW)
    return await read_state(connection)


async def export(connection: Connection) -> AsyncGenerator[Sequence[Stored], None]:
    """Yield every row in an export's order, in parts."""
    async with connection.cursor("export", binary=True) as cursor:
        await cursor.execute(_ALL)
        while rows := await cursor.fetchmany(CHUNK_ITEMS):
            yield [stored(*row) for row in rows]
