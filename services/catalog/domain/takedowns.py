"""What the journal says of a takedown and of its end, and what can be read from it again."""

from collections.abc import Iterable
from datetime import datetime

from services.catalog.domain.items import Kind, Reference
from services.kit.author import Author
from services.kit.journal import Entry, Record

TAKEDOWN, RESTORE = "takedown", "restore"


def record(at: datetime, actor: str, action: str, wanted: Reference, reason: str) -> Record:
    """Return the record of an action. Raises Invalid where it does not say who and why, or cannot be shown."""
    author = Author(actor, reason)
    return Record(at, author.actor, action, f"{wanted.kind} {wanted.id}", author.reason)


def subject_of(entry: Entry) -> Reference:
    """Return what the entry is about."""
    kind, _, id_ = entry.record.subject.partition(" ")
    return Reference(Kind(kind), id_)


def taken_down(entries: Iterable[Entry]) -> dict[Reference, Entry]:
    """Return what is taken down after all of these entries, each with the entry that did it."""
    down: dict[Reference, Entry] = {}
    for entry in entries:
        if entry.record.action == TAKEDOWN:
            down[subject_of(entry)] = entry
        else:
            down.pop(subject_of(entry), None)
    return down
