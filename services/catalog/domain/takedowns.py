"""What the journal says of a takedown and of its end, and what can be read from it again."""

from collections.abc import Iterable
from datetime import datetime

from services.catalog.domain.checks import can_be_shown
from services.catalog.domain.items import Kind, Reference
from services.kit.errors import Invalid
from services.kit.journal import Entry, Record

TAKEDOWN, RESTORE = "takedown", "restore"
MAX_REASON_CHARS = 500
MAX_ACTOR_CHARS = 64


def record(at: datetime, actor: str, action: str, wanted: Reference, reason: str) -> Record:
    """Return the record of an action. Raises Invalid where it does not say who and why, or cannot be shown."""
    _check("actor", actor, MAX_ACTOR_CHARS)
    _check("reason", reason, MAX_REASON_CHARS)
    return Record(at, actor, action, f"{wanted.kind} {wanted.id}", reason)


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


def _check(field: str, text: str, max_chars: int) -> None:
    if not text.strip():
        raise Invalid(f"The {field} is missing.", field=field)
    if len(text) > max_chars:
        raise Invalid(f"The {field} is longer than {max_chars} characters.", field=field)
    if not can_be_shown(text):
        raise Invalid(f"The {field} holds a character that cannot be shown.", field=field)
