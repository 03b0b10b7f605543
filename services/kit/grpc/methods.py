"""What a service serves: its procedures, each with the function that answers it.

A handler takes a parsed message and returns a message, or wire bytes that are sent as they are.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias, TypedDict, Unpack

from google.protobuf.message import Message

from services.kit.errors import Failure
from services.kit.grpc.rpc import Request, Response, Rpc

Answer: TypeAlias = Message | bytes


class Shape(Enum):
    """Which side of a call streams."""

    UNARY = "one request, one answer"
    DOWNLOAD = "one request, a stream of answers"
    UPLOAD = "a stream of requests, one answer"
    DUPLEX = "a stream of requests, a stream of answers, neither waiting for the other"


@dataclass(frozen=True, slots=True)
class Method:
    """A procedure and its handler; made by `unary`, `download`, `upload` and `duplex`, which check that the two fit."""

    shape: Shape
    rpc: Rpc[Any, Any]
    handle: Callable[[Any], Any]
    limit_s: float
    """How long a call may take; the caller's own deadline may be shorter."""
    fails: tuple[type[Failure], ...] = ()
    """The failures it is known for; their counters exist from the start, so that the first one shows as a rise."""
    admin: bool = False
    """Whether the caller has to show the admin token."""
    peers: bool = False
    """Whether the caller has to be a process of ours: to show the peers' token, or the admin's."""


class Options(TypedDict, total=False):
    """What may be said of a method beside its handler: see Method."""

    fails: tuple[type[Failure], ...]
    admin: bool
    peers: bool


def unary(
    rpc: Rpc[Request, Response],
    handle: Callable[[Request], Awaitable[Answer]],
    limit_s: float,
    **options: Unpack[Options],
) -> Method:
    """Serve one answer for one request."""
    return Method(Shape.UNARY, rpc, handle, limit_s, **options)


def download(
    rpc: Rpc[Request, Response],
    handle: Callable[[Request], AsyncGenerator[Answer, None]],
    limit_s: float,
    **options: Unpack[Options],
) -> Method:
    """Serve a stream of answers for one request."""
    return Method(Shape.DOWNLOAD, rpc, handle, limit_s, **options)


def upload(
    rpc: Rpc[Request, Response],
    handle: Callable[[AsyncIterator[Request]], Awaitable[Answer]],
    limit_s: float,
    **options: Unpack[Options],
) -> Method:
    """Serve one answer for a stream of requests."""
    return Method(Shape.UPLOAD, rpc, handle, limit_s, **options)


def duplex(
    rpc: Rpc[Request, Response],
    handle: Callable[[AsyncIterator[Request]], AsyncGenerator[Answer, None]],
    limit_s: float,
    **options: Unpack[Options],
) -> Method:
    """Serve a stream of answers for a stream of requests.

    A caller that breaks off looks, to a handler that is reading, like one that has said all.
    """
    return Method(Shape.DUPLEX, rpc, handle, limit_s, **options)
