"""Between the words of the domain and the messages of backline.flags.v1."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from backline.flags.v1 import flags_pb2 as pb
from services.flags.domain.definition import read_context
from services.flags.domain.document import Document
from services.flags.domain.roster import Name, Subscriber
from services.flags.domain.store import MAX_GENERATION, Held, Kept
from services.kit.author import Author
from services.kit.errors import Invalid
from services.kit.journal import Entry, Record, moment

MAX_CONTEXTS = 100
"""In one message."""

_NAME = re.compile(r"[A-Za-z0-9@._-]{1,64}")
_HASH = re.compile(r"[0-9a-f]{64}|")


def author_of(message: pb.Author) -> Author:
    """Return who and why. Raises Invalid where one of them is missing."""
    return Author(message.actor, message.reason)


def name_of(hello: pb.Hello) -> Name:
    """Return who says hello. Raises Invalid for a name that would not be readable in a list."""
    for field, text in (("service", hello.service), ("process", hello.process)):
        if not _NAME.fullmatch(text):
            raise Invalid(f"A {field} has a name of up to 64 letters, digits and @ . _ -", field=field)
    return Name(hello.service, hello.process)


def held_of(message: pb.Held) -> Held:
    """Return what a process says that it has. Raises Invalid where nothing can be that."""
    if not _HASH.fullmatch(message.hash):
        raise Invalid("A hash has 64 hexadecimal digits.", field="hash")
    return Held(generation_of(message.generation), message.hash)


def generation_of(number: int) -> int:
    """Return a number of a generation. Raises Invalid for one that no store comes to."""
    if number > MAX_GENERATION:
        raise Invalid(f"Generations go up to {MAX_GENERATION}.", field="generation")
    return number


def contexts_of(seen: pb.Seen) -> Iterator[dict[str, Any]]:
    """Yield the contexts that a process has seen, at most so many of them, without those that are none."""
    for text in seen.contexts[:MAX_CONTEXTS]:
        with suppress(Invalid):
            yield read_context(text)


def snapshot_bytes(document: Document) -> bytes:
    """Return the document as a whole WatchResponse, which has the same bytes as a FetchResponse."""
    snapshot = pb.Snapshot(
        held=pb.Held(generation=document.held.generation, hash=document.held.hash),
        checksum=document.checksum,
        committed_at=timestamp(document.committed_at),
        definitions=document.definitions,
    )
    return pb.WatchResponse(snapshot=snapshot).SerializeToString()


def refusal_bytes(refuses: str) -> bytes:
    """Return why there is nothing to hand out as a whole WatchResponse or FetchResponse."""
    return pb.WatchResponse(refuses=refuses).SerializeToString()


def timestamp(at: datetime | None) -> Timestamp | None:
    """Return a time as messages have it."""
    if at is None:
        return None
    made = Timestamp()
    made.FromDatetime(at)
    return made


def flag_message(key: str, kept: Kept) -> pb.Flag:
    """Return a flag as it is kept."""
    return pb.Flag(key=key, definition=kept.definition, version=kept.version, changed_at=timestamp(kept.changed_at))


def subscriber_message(subscriber: Subscriber) -> pb.Subscriber:
    """Return one who is subscribed."""
    return pb.Subscriber(
        process=subscriber.process,
        service=subscriber.service,
        applied=subscriber.applied,
        refused=subscriber.refused,
        connected=subscriber.connected,
        silent_s=subscriber.silent_s,
    )


def subscriber_of(message: pb.Subscriber) -> Subscriber:
    """Return one who is subscribed."""
    return Subscriber(
        message.process, message.service, message.applied, message.refused, message.connected, message.silent_s
    )


def entry_message(entry: Entry) -> pb.HistoryResponse:
    """Return an entry of the journal."""
    record = entry.record
    return pb.HistoryResponse(
        generation=entry.sequence,
        at=moment(record.at),
        actor=record.actor,
        action=record.action,
        key=record.subject,
        reason=record.reason,
        definition=record.detail,
        previous=entry.previous,
        hash=entry.hash,
    )


def entry_of(message: pb.HistoryResponse) -> Entry:
    """Return an entry of the journal, as it can be verified."""
    at = datetime.fromisoformat(message.at)
    record = Record(at, message.actor, message.action, message.key, message.reason, message.definition)
    return Entry(message.generation, record, message.previous, message.hash)
