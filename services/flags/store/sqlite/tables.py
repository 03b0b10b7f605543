"""Every statement on the flags' tables. All of it blocks: flags.py runs it in threads."""

from collections.abc import Sequence
from sqlite3 import Connection

from services.flags.domain.store import MAX_GENERATION, Action, Change, State
from services.flags.store.rows import JOURNAL_ENTRIES, flag_row, journal_row, state_of
from services.kit.journal import Entry
from services.kit.journal_rows import entry_of
from services.kit.sqlite.transaction import transaction

_HEAD = "SELECT sequence, hash, at FROM journal ORDER BY sequence DESC LIMIT 1"
_ADOPTED = "SELECT max(sequence) FROM journal WHERE action = 'adopt'"
_FLAGS = "SELECT key, definition, version, changed_at FROM flag ORDER BY key"
_GENERATION = "SELECT coalesce(max(sequence), 0) FROM journal"
_HASH = "SELECT hash FROM journal WHERE sequence = ?"
_LAST_ENTRY = """
SELECT sequence, at, actor, action, subject, reason, previous, hash, detail
FROM journal ORDER BY sequence DESC LIMIT 1
"""
_ENTRIES = """
SELECT sequence, at, actor, action, subject, reason, previous, hash, detail
FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?
"""
_ENTRIES_OF_ONE = """
SELECT sequence, at, actor, action, subject, reason, previous, hash, detail
FROM journal WHERE sequence > ? AND subject = ? ORDER BY sequence LIMIT ?
"""
_RECORD = """
INSERT INTO journal (sequence, at, actor, action, subject, reason, previous, hash, detail)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_VERSION = "SELECT version FROM flag WHERE key = ?"
_KEEP = "INSERT OR REPLACE INTO flag (key, definition, version, changed_at) VALUES (?, ?, ?, ?)"
_FORGET = "DELETE FROM flag WHERE key = ?"


def read_state(connection: Connection) -> State:
    """Return all that is in force."""
    with transaction(connection, "BEGIN"):
        head = connection.execute(_HEAD).fetchone()
        (adopted,) = connection.execute(_ADOPTED).fetchone()
        return state_of(head, adopted, connection.execute(_FLAGS))


def read_generation(connection: Connection) -> int:
    """Return the generation in force."""
    (generation,) = connection.execute(_GENERATION).fetchone()
    return int(generation)


def read_hash(connection: Connection, generation: int) -> str | None:
    """Return the hash of the entry that made the generation; None where there is none."""
    found = connection.execute(_HASH, (generation,)).fetchone() if generation <= MAX_GENERATION else None
    return str(found[0]) if found else None


def read_journal(connection: Connection, after: int, key: str) -> Sequence[Entry]:
    """Return the next entries behind that generation; with a key only those of that flag."""
    after = min(after, MAX_GENERATION)
    asked = (after, key, JOURNAL_ENTRIES) if key else (after, JOURNAL_ENTRIES)
    return [entry_of(row) for row in connection.execute(_ENTRIES_OF_ONE if key else _ENTRIES, asked)]


def write(connection: Connection, change: Change) -> Entry:
    """Write the change and its entry in one transaction."""
    with transaction(connection):
        last = connection.execute(_LAST_ENTRY).fetchone()
        version = connection.execute(_VERSION, (change.record.subject,)).fetchone()
        entry = change.entry(entry_of(last) if last else None, version[0] if version else 0)
        connection.execute(_RECORD, journal_row(entry))
        if entry.record.action == Action.REMOVE:
            connection.execute(_FORGET, (entry.record.subject,))
        elif entry.record.action != Action.ADOPT:
            connection.execute(_KEEP, flag_row(entry))
        return entry
