"""The request context on the wire: one binary metadata entry, beside gRPC's own deadline.

A caller from elsewhere sends none; its W3C `traceparent`, if any, is taken instead.
"""

from collections.abc import Iterable

from google.protobuf.message import DecodeError

from backline.context.v1 import context_pb2
from services.kit.context import Criticality, RequestContext, parse_traceparent

CONTEXT_KEY = "backline-context-bin"
TRACEPARENT_KEY = "traceparent"
AUTHORIZATION_KEY = "authorization"

_CRITICALITIES = {item.value: item for item in Criticality}


def to_entry(context: RequestContext) -> tuple[str, bytes]:
    """Return the metadata entry that carries the context."""
    message = context_pb2.RequestContext(
        request_id=context.request_id,
        criticality=context_pb2.Criticality.ValueType(context.criticality.value),
        traceparent=context.trace.traceparent() if context.trace else "",
    )
    return (CONTEXT_KEY, message.SerializeToString())


def from_entries(entries: Iterable[tuple[str, str | bytes]], deadline: float) -> RequestContext:
    """Return the context that the metadata carries; an unreadable one counts as none: no call fails for it."""
    message, traceparent = context_pb2.RequestContext(), ""
    for key, value in entries:
        if key == CONTEXT_KEY and isinstance(value, bytes):
            message = _parsed(value)
        elif key == TRACEPARENT_KEY and isinstance(value, str):
            traceparent = value
    return RequestContext(
        message.request_id,
        deadline,
        _CRITICALITIES.get(message.criticality, Criticality.DEFAULT),
        parse_traceparent(message.traceparent or traceparent),
    )


def _parsed(value: bytes) -> context_pb2.RequestContext:
    try:
        return context_pb2.RequestContext.FromString(value)
    except DecodeError:
        return context_pb2.RequestContext()
