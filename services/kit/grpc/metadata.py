"""The request context on the wire: one binary metadata entry, beside gRPC's own deadline.

A caller from elsewhere sends none; its W3C `traceparent`, if any, is taken instead.
"""

from collections.abc import Iterable
from typing import Any

from google.protobuf.message import DecodeError

from backline.context.v1 import context_pb2
from services.kit.context import Criticality, RequestContext

CONTEXT_KEY = "backline-context-bin"
TRACEPARENT_KEY = "traceparent"
AUTHORIZATION_KEY = "authorization"

_NONE = context_pb2.RequestContext()
_CRITICALITIES = {item.value: item for item in Criticality}


def to_entry(context: RequestContext) -> tuple[str, bytes]:
    """Return the metadata entry that carries the context."""
    message = context_pb2.RequestContext(
        request_id=context.request_id,
        criticality=context_pb2.Criticality.ValueType(context.criticality.value),
        traceparent=context.traceparent,
    )
    return (CONTEXT_KEY, message.SerializeToString())


def from_entries(entries: Iterable[tuple[str, str | bytes]], deadline: float) -> RequestContext:
    """Return the context that the metadata carries; an unreadable one counts as none: no call fails for it."""
    carried: dict[str, Any] = dict(entries)  # gRPC gives bytes for keys that end in -bin, texts for all others
    try:
        message = context_pb2.RequestContext.FromString(carried.get(CONTEXT_KEY, b""))
    except DecodeError:
        message = _NONE
    return RequestContext(
        message.request_id,
        deadline,
        _CRITICALITIES.get(message.criticality, Criticality.DEFAULT),
        message.traceparent or carried.get(TRACEPARENT_KEY, ""),
    )
