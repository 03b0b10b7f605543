"""EventStream of flagd.evaluation: tells a client that keeps decisions which of them to forget.

Whoever connects is told of all flags as if they were new. flagd itself is silent there, and a client that was cut off
while a flag was killed goes on with the decision that it kept.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from flagd.evaluation.v1 import evaluation_pb2 as v1
from flagd.evaluation.v2 import evaluation_pb2 as v2
from services.flags.api.foreign import Streams
from services.flags.api.structs import struct_of
from services.flags.domain.document import FLAG_SET, SHARED_PREFIX, Document
from services.kit.errors import Exhausted, Unavailable
from services.kit.grpc.methods import Method, download
from services.kit.grpc.rpc import rpc

READY, CHANGED, ALIVE = "provider_ready", "configuration_change", "keep_alive"
WRITTEN, UPDATED, DELETED = "write", "update", "delete"
STREAM = "flagd events"
"""How such a stream is called on the roster, since its clients have no name."""

_VERSIONS: tuple[tuple[type[Message], Any], ...] = (
    (v1.EventStreamRequest, v1.EventStreamResponse),
    (v2.EventStreamRequest, v2.EventStreamResponse),
)


def event_methods(streams: Streams, limit_s: float) -> list[Method]:
    """Return EventStream of both versions; after its limit a client has to come again."""
    fails = (Exhausted, Unavailable)
    return [
        download(rpc(request, response), _events(streams, response), limit_s, fails=fails)
        for request, response in _VERSIONS
    ]


def _events(streams: Streams, event: Any) -> Callable[[Any], AsyncGenerator[Message, None]]:  # noqa: ANN401 - the message of either version
    async def events(_request: Any) -> AsyncGenerator[Message, None]:  # noqa: ANN401 - as above
        known: Document | None = None
        async with aclosing(streams.documents(STREAM)) as documents:
            async for document in documents:
                if document is None:
                    yield event(type=ALIVE)
                    continue
                if known is None:
                    yield event(type=READY)
                if changed := changes(known, document):
                    yield event(type=CHANGED, data=_data(changed))
                known = document

    return events


def changes(before: Document | None, after: Document) -> dict[str, str]:
    """Return what has become of each flag that is not as it was, by key."""
    were, are = _versions(before) if before else {}, _versions(after)
    changed = dict.fromkeys(were.keys() - are.keys(), DELETED)
    changed |= {key: UPDATED if key in were else WRITTEN for key, version in are.items() if were.get(key) != version}
    if before and _shared(before) != _shared(after):
        changed |= {key: UPDATED for key in are.keys() - changed.keys() if _rule(before, key) != _rule(after, key)}
    return changed


def _versions(document: Document) -> dict[str, int]:
    return {key: kept.version for key, kept in document.state.flags.items() if not key.startswith(SHARED_PREFIX)}


def _shared(document: Document) -> dict[str, int]:
    return {key: kept.version for key, kept in document.state.flags.items() if key.startswith(SHARED_PREFIX)}


def _rule(document: Document, key: str) -> Mapping[str, Any]:
    """Return the flag's definition with what it shares put in."""
    return document.snapshot.flags[key].definition


def _data(changed: Mapping[str, str]) -> Struct:
    return struct_of({"flags": {key: {"type": kind, "source": FLAG_SET} for key, kind in changed.items()}})
