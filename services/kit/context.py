"""The request context: what a request carries from hop to hop, beside its own message.

Made once at the edge, carried by kit.grpc, read anywhere below through `current`. The deadline counts in seconds of
this machine's monotonic clock and crosses hops as gRPC's own time-out.
"""

import re
from contextlib import AbstractContextManager
from contextvars import ContextVar
from enum import Enum
from typing import NamedTuple

from services.kit.errors import TooLate

HOP_COST_S = 0.020
"""Kept back at each hop, so that the caller still has time to use the answer."""
LEAST_S = 0.005
"""With less than this left, a call is not begun: it could only waste the callee's work."""


class Criticality(Enum):
    """How much is lost when a call is refused. The values are those of backline.context.v1.Criticality."""

    CRITICAL = 1
    DEFAULT = 2
    SHEDDABLE = 3


class ClientType(Enum):
    """Kinds of clients. The values are those of backline.context.v1.ClientType, which says what each one is."""

    UNKNOWN = 0
    IOS = 1
    ANDROID = 2
    DESKTOP = 3
    WEB = 4
    TV = 5
    SPEAKER = 6
    CAR = 7
    WEARABLE = 8
    PARTNER = 9

    @property
    def word(self) -> str:
        """The type as headers, logs and labels have it."""
        return self.name.lower()


class Caller(NamedTuple):
    """The person and the program behind a request. What is not known is empty."""

    client_type: ClientType = ClientType.UNKNOWN
    app_version: str = ""
    """Three whole numbers, separated by dots."""
    app_build: str = ""
    os_version: str = ""
    user_id: str = ""
    """Opaque; names the person, or the browser where nobody is known."""
    country: str = ""
    """ISO 3166 alpha-2."""
    locale: str = ""
    """BCP 47."""


class Trace(NamedTuple):
    """The W3C trace that a request belongs to, and the span that is the parent of what happens next."""

    trace_id: str
    span_id: str
    sampled: bool

    def traceparent(self) -> str:
        """Return the header that hands this trace on."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


_TRACEPARENT = re.compile(
    "(?!ff)[0-9a-f]{2}-(?P<trace_id>(?!0{32})[0-9a-f]{32})-(?P<span_id>(?!0{16})[0-9a-f]{16})-[0-9a-f](?P<flags>[0-9a-f])"
    "(-.*)?"  # what a later version of the format may add
)
_SAMPLED = frozenset("13579bdf")
"""The digits whose lowest bit, the flag `sampled`, is set."""


def parse_traceparent(header: str) -> Trace | None:
    """Return the trace that a W3C traceparent names, or None where it names none (https://www.w3.org/TR/trace-context/).

    Written by hand since it is on every request's path and a general propagator costs twenty times as much.
    """
    found = _TRACEPARENT.fullmatch(header)
    return Trace(found["trace_id"], found["span_id"], found["flags"] in _SAMPLED) if found else None


class RequestContext(NamedTuple):
    """One request's context. A named tuple since every hop makes one, at half of what a frozen dataclass costs."""

    request_id: str
    deadline: float
    criticality: Criticality = Criticality.DEFAULT
    traceparent: str = ""
    """As it travels, since most requests are not traced and need no more of it; empty outside a trace."""
    encoded_caller: bytes = b""
    """As it travels, since most hops only pass it on; kit.grpc.metadata encodes and decodes it."""
    encoded_decisions: bytes = b""
    """What flags say for this request, as it travels; kit.flags.travelling encodes and decodes it."""

    @property
    def trace(self) -> Trace | None:
        """The trace that the request belongs to."""
        return parse_traceparent(self.traceparent)

    @property
    def sampled(self) -> bool:
        """Whether spans are wanted of it."""
        return self.traceparent[_FLAGS] in _SAMPLED


_FLAGS = slice(54, 55)
_current: ContextVar[RequestContext | None] = ContextVar("backline_request", default=None)


def current() -> RequestContext | None:
    """Return the context of the request being served; None outside of one."""
    return _current.get()


enter = _current.set
"""Makes a context the current one until it is given to `leave`, or to the end of the task."""
leave = _current.reset


class _Entered:
    """What `entered` gives. A class, and no generator with a decorator, since every request at the edge enters one."""

    __slots__ = ("_context", "_entry")

    def __init__(self, context: RequestContext) -> None:
        self._context = context

    def __enter__(self) -> None:
        self._entry = enter(self._context)

    def __exit__(self, *_: object) -> None:
        leave(self._entry)


def entered(context: RequestContext) -> AbstractContextManager[None]:
    """Make this the current context for the block."""
    return _Entered(context)


def hop_time_s(limit_s: float, now: float) -> float:
    """Return how long a call made now may take: its own limit, or what the current request can still give.

    Raises TooLate where that is too little to begin.
    """
    request = _current.get()
    if request is None:
        return limit_s
    left_s = request.deadline - now - HOP_COST_S
    if left_s < LEAST_S:
        raise TooLate("Too little time was left to ask another service.")
    return min(limit_s, left_s)
