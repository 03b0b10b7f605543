"""Every statement on the flags' tables. A connection has one job at a time.

Writers go one after another, by a lock that the database keeps for the transaction: so no two make one generation, and
who follows the generations misses none. A lock on the table would have to wait for the server's own upkeep of it.
"""

from collections.abc import Mapping, Sequence

from services.flags.domain.store import Action, Change, State
from services.flags.store.rosters import KEPT_S
from services.flags.store.rows import JOURNAL_ENTRIES, flag_row, journal_row, state_of
from services.kit.journal import Entry
from services.kit.journal_rows import entry_of
from services.kit.postgres.connections import AS_IT_IS_NOW, Connection, fetched

WRITTEN, SHARED = "backline_flags_written", "backline_flags_shared"
"""The channels on which every server of the store hears that a write was committed, and that a roster was shared."""

_IS_BEGUN = "SELECT to_regclass('flags.journal') IS NOT NULL"
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('backline flags'))"
_HEAD = "SELECT sequence, hash, at FROM flags.journal ORDER BY sequence DESC LIMIT 1"
_ADOPTED = "SELECT max(sequence) FROM flags.journal WHERE action = 'adopt'"
_FLAGS = "SELECT key, definition, version, changed_at FROM flags.flag ORDER BY key"
_GENERATION = "SELECT coalesce(max(sequence), 0) FROM flags.journal"
_HASH = "SELECT hash FROM flags.journal WHERE sequence = %s"
_LAST_ENTRY = """
SELECT sequence, at, actor, action, subject, reason, previous, hash, detail
FROM flags.journal ORDER BY sequence DESC LIMIT 1
"""
_ENTRIES = """
SELECT sequence, at, actor, action, subject, reason, previous, hash, detail
FROM flags.journal WHERE sequence > %s ORDER BY sequence LIMIT %s
"""
_ENTRIES_OF_ONE = """
SELECT sequence, at, actor, action, subject, reason, previous, hash, detail
FROM flags.journal WHERE sequence > %s AND subject = %s ORDER BY sequence LIMIT %s
"""
_RECORD = """
INSERT INTO flags.journal (sequence, at, actor, action, subject, reason, previous, hash, detail)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_VERSION = "SELECT version FROM flags.flag WHERE key = %s"
_KEEP = """
INSERT INTO flags.flag (key, definition, version, changed_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (key) DO UPDATE
    SET definition = excluded.definition, version = excluded.version, changed_at = excluded.changed_at
"""
_FORGET = "DELETE FROM flags.flag WHERE key = %s"
_NOTIFY = "SELECT pg_notify(%s, '')"
_SHARE = """
WITH gone AS (
    DELETE FROM flags.roster WHERE shared_at < clock_timestamp() - make_interval(secs => %(kept_s)s)
        AND server <> %(server)s
), shared AS (
    INSERT INTO flags.roster (server, roster, shared_at) VALUES (%(server)s, %(roster)s, clock_timestamp())
    ON CONFLICT (server) DO UPDATE SET roster = excluded.roster, shared_at = excluded.shared_at
)
SELECT pg_notify(%(channel)s, '')
"""
_ROSTERS = """
SELECT server, roster FROM flags.roster WHERE shared_at >= clock_timestamp() - make_interval(secs => %s)
"""


async def is_begun(connection: Connection) -> bool:
    """Whether the database has the tables, of whatever version."""
    return bool((await fetched(connection, _IS_BEGUN))[0][0])


async def read_state(connection: Connection) -> State:
    """Return all that is in force."""
    async with connection.transaction():
        await connection.execute(AS_IT_IS_NOW)
        head = await fetched(connection, _HEAD)
        [(adopted,)] = await fetched(connection, _ADOPTED)
        return state_of(head[0] if head else None, adopted, await fetched(connection, _FLAGS))


async def read_generation(connection: Connection) -> int:
    """Return the generation in force."""
    [(generation,)] = await fetched(connection, _GENERATION)
    return int(generation)


async def read_hash(connection: Connection, generation: int) -> str | None:
    """Return the hash of the entry that made the generation; None where there is none."""
    found = await fetched(connection, _HASH, (generation,))
    return str(found[0][0]) if found else None


async def read_journal(connection: Connection, after: int, key: str) -> Sequence[Entry]:
    """Return the next entries behind that generation; with a key only those of that flag."""
    if "\0" in key:
        return []  # the database takes no text with a NUL, not even to look for it
    asked = (after, key, JOURNAL_ENTRIES) if key else (after, JOURNAL_ENTRIES)
    return [entry_of(row) for row in await fetched(connection, _ENTRIES_OF_ONE if key else _ENTRIES, asked)]


async def write(connection: Connection, change: Change) -> Entry:
    """Write the change and its entry in one transaction, of which every server hears once it is committed."""
    async with connection.transaction():
        await connection.execute(_LOCK)
        last = await fetched(connection, _LAST_ENTRY)
        version = await fetched(connection, _VERSION, (change.record.subject,))
        entry = change.entry(entry_of(last[0]) if last else None, version[0][0] if version else 0)
        await connection.execute(_RECORD, journal_row(entry))
        if entry.record.action == Action.REMOVE:
            await connection.execute(_FORGET, (entry.record.subject,))
        elif entry.record.action != Action.ADOPT:
            await connection.execute(_KEEP, flag_row(entry))
        await connection.execute(_NOTIFY, (WRITTEN,))
        return entry


async def share_roster(connection: Connection, server: str, roster: str) -> None:
    """Keep what a server shares, drop what counts no more, and let every server hear of it."""
    said = {"server": server, "roster": roster, "kept_s": KEPT_S, "channel": SHARED}
    await connection.execute(_SHARE, said)


async def read_rosters(connection: Connection) -> Mapping[str, str]:
    """Return what the servers shared that counts by the database's clock, by server."""
    return dict(await fetched(connection, _ROSTERS, (KEPT_S,)))
