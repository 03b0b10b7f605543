"""The journal: an append-only log of who did what and why, each entry holding the hash of the one before.

    first = linked(None, Record(now, "ops", "stop", "door 3", "it is on fire"))
    second = linked(first, …)
    verify([first, second])

A store keeps the entries beside what they are about and writes both in one transaction. Whoever changes an entry, takes
one out or puts one between others breaks the chain there; only entries cut off the end go unnoticed, so keep the last
hash elsewhere to see that too. Pure: a domain may name these types.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from services.kit.errors import Internal

NOTHING_BEFORE = "0" * 64
"""The hash before the first entry."""


@dataclass(frozen=True, slots=True)
class Record:
    """What somebody did, and why."""

    at: datetime
    """In UTC."""
    actor: str
    action: str
    subject: str
    reason: str
    detail: str = ""
    """What else belongs to it, such as the state that it led to."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in its place."""

    sequence: int
    """Counts from 1, without a gap unless its writer left one."""
    record: Record
    previous: str
    """The hash of the entry before."""
    hash: str
    """SHA-256 over everything above, in hexadecimal digits."""


def linked(last: Entry | None, record: Record, at_least: int = 1) -> Entry:
    """Return the record as the entry that follows the last one, at the next place that is not below `at_least`."""
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, NOTHING_BEFORE)
    sequence = max(sequence, at_least)
    return Entry(sequence, record, previous, _hash(sequence, record, previous))


def verify(entries: Iterable[Entry]) -> int:
    """Return how many entries the journal has, read from its beginning.

    Raises Internal, naming the entry, where one is not what was written or does not follow the one before.
    """
    last: Entry | None = None
    number = 0
    for entry in entries:
        if entry != linked(last, entry.record, entry.sequence):
            raise Internal(f"Entry {entry.sequence} of the journal is not what was written there.")
        last, number = entry, number + 1
    return number


def moment(at: datetime) -> str:
    """Return a time as the journal has it: RFC 3339 in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _hash(sequence: int, record: Record, previous: str) -> str:
    parts = [sequence, moment(record.at), record.actor, record.action, record.subject, record.reason, previous]
    if record.detail:  # so that journals from before there were details keep their hashes
        parts.append(record.detail)
    # A JSON list keeps the parts apart, whatever characters they hold.
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
