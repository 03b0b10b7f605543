"""What the tables of flags hold, as rows, alike in every database."""

from collections.abc import Iterable
from datetime import datetime

from services.flags.domain.store import Held, Kept, State
from services.kit.journal import Entry
from services.kit.journal_rows import row_of

JOURNAL_ENTRIES = 200
"""That one read of the journal returns at most: each may hold a definition of some tens of kilobytes."""


def journal_row(entry: Entry) -> tuple[object, ...]:
    """Return the entry as a row of the journal."""
    return *row_of(entry), entry.record.detail


def flag_row(entry: Entry) -> tuple[object, ...]:
    """Return the flag that the entry leads to, as a row."""
    sequence, at, *_ = row_of(entry)
    return entry.record.subject, entry.record.detail, sequence, at


def state_of(
    head: tuple[int, str, str] | None, adopted: int | None, flags: Iterable[tuple[str, str, int, str]]
) -> State:
    """Return the state that rows hold: the last entry's sequence, hash and time, the last adoption, and all flags."""
    if head is None:
        return State()
    generation, hashed, at = head
    kept = {
        key: Kept(definition, version, datetime.fromisoformat(changed_at))
        for key, definition, version, changed_at in flags
    }
    return State(Held(generation, hashed), datetime.fromisoformat(at), kept, adopted or 0)
