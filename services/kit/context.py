"""The request context: what a request carries from hop to hop, beside its own message.

Made once at the edge, carried by kit.grpc, read anywhere below through `current`. The deadline counts in seconds of
this machine's monotonic clock and crosses hops as gRPC's own time-out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum

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


@dataclass(frozen=True, slots=True)
class Trace:
    """The W3C trace that a request belongs to, and the span that is the parent of what happens next."""

    trace_id: str
    span_id: str
    sampled: bool

    def traceparent(self) -> str:
        """Return the header that hands this trace on."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request's context."""

    request_id: str
    deadline: float
    criticality: Criticality = Criticality.DEFAULT
    trace: Trace | None = None


_current: ContextVar[RequestContext | None] = ContextVar("backline_request", default=None)


def current() -> RequestContext | None:
    """Return the context of the request being served; None outside of one."""
    return _current.get()


@contextmanager
def entered(context: RequestContext) -> Iterator[None]:
    """Make this the current context for the block."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


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


_TRACEPARENT_CHARS = 55
_HEX = frozenset("0123456789abcdef")


def parse_traceparent(header: str) -> Trace | None:
    """Return the trace that a W3C traceparent names, or None where it names none (https://www.w3.org/TR/trace-context/).

    Written by hand since it is on every request's path and a general propagator costs twenty times as much.
    """
    parts = header.split("-")
    if len(header) < _TRACEPARENT_CHARS or len(parts) < 4 or [len(p) for p in parts[:4]] != [2, 32, 16, 2]:  # noqa: PLR2004 - the format's own widths
        return None
    version, trace_id, span_id, flags = parts[:4]
    digits = frozenset(version + trace_id + span_id + flags)
    if not digits <= _HEX or version == "ff" or not int(trace_id, 16) or not int(span_id, 16):
        return None
    return Trace(trace_id, span_id, sampled=bool(int(flags, 16) & 1))
