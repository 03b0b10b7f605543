"""The request context on the wire: one binary metadata entry, beside gRPC's own deadline.

A caller from elsewhere sends none; its W3C `traceparent`, if any, is taken instead.
"""

from collections.abc import Iterable
from typing import Any

from google.protobuf.message import DecodeError

from backline.context.v1 import context_pb2
from services.kit.context import Caller, ClientType, Criticality, RequestContext

CONTEXT_KEY = "backline-context-bin"
TRACEPARENT_KEY = "traceparent"
AUTHORIZATION_KEY = "authorization"

_NONE = context_pb2.RequestContext()
_CRITICALITIES = {item.value: item for item in Criticality}
_CLIENT_TYPES = {item.value: item for item in ClientType}


def encode_caller(caller: Caller) -> bytes:
    """Return the caller as a context carries it. Without its user it can be kept for all who use the same program."""
    message = context_pb2.Caller(
        client_type=context_pb2.ClientType.ValueType(caller.client_type.value),
        app_version=caller.app_version,
        app_build=caller.app_build,
        os_version=caller.os_version,
        user_id=caller.user_id,
        country=caller.country,
        locale=caller.locale,
    )
    return message.SerializeToString()


def with_user(encoded_caller: bytes, user_id: str) -> bytes:
    """Return the caller with the user put in: two encoded messages, one after the other, are both of them merged."""
    return encoded_caller + context_pb2.Caller(user_id=user_id).SerializeToString()


def caller_of(context: RequestContext) -> Caller:
    """Return who asks. What cannot be read of it counts as not known."""
    try:
        message = context_pb2.Caller.FromString(context.encoded_caller)
    except DecodeError:
        return Caller()
    return Caller(
        _CLIENT_TYPES.get(message.client_type, ClientType.UNKNOWN),
        message.app_version,
        message.app_build,
        message.os_version,
        message.user_id,
        message.country,
        message.locale,
    )


def to_entry(context: RequestContext) -> tuple[str, bytes]:
    """Return the metadata entry that carries the context."""
    message = context_pb2.RequestContext(
        request_id=context.request_id,
        criticality=context_pb2.Criticality.ValueType(context.criticality.value),
        traceparent=context.traceparent,
        caller=context.encoded_caller,
        decisions=context.encoded_decisions,
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
        message.caller,
        message.decisions,
    )
