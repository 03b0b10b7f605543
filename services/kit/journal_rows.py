"""Entries of a journal as rows of a table, whose columns are those of `row_of` in that order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from services.kit.journal import Entry, Record, moment

Row: TypeAlias = tuple[int, str, str, str, str, str, str, str]
"""sequence, at, actor, action, subject, reason, previous, hash: the time is the text that is hashed."""


def row_of(entry: Entry) -> Row:
    """Return the entry as a row; a table that keeps details has a column for them behind these."""
    at, record = moment(entry.record.at), entry.record
    return entry.sequence, at, record.actor, record.action, record.subject, record.reason, entry.previous, entry.hash


def entry_of(row: Sequence[Any]) -> Entry:
    """Return the entry that a row holds, the detail behind the other columns where the table keeps it."""
    sequence, at, actor, action, subject, reason, previous, hashed, *detail = row
    record = Record(datetime.fromisoformat(at), actor, action, subject, reason, *detail)
    return Entry(sequence, record, previous, hashed)
