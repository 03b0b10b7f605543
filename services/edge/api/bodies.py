"""Requests with a body: who answers them, and how the body is read, whole and never beyond a bound."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.edge.api.refusals import Refused
from services.edge.api.reply import Reply
from services.kit.http.asgi import Receive, Scope

MAX_BODY_BYTES = 64 * 1024
CLOSE = {"connection": "close"}

BodyRoute: TypeAlias = Callable[[Scope, bytes, Mapping[bytes, bytes]], Awaitable[Reply]]
"""Takes a request of any method, its whole body, and its headers with names in lower case."""


@dataclass(frozen=True, slots=True)
class Below:
    """What answers every address that begins with a path."""

    path: str
    """Ends with a slash."""
    name: str
    """How its requests are counted and logged."""
    statuses: Sequence[int]
    """What it answers with, besides what may end any request."""
    answer: BodyRoute


def too_large() -> Refused:
    """Return what refuses a request whose body is larger than is read here."""
    return Refused(413, f"The request's body is larger than {MAX_BODY_BYTES} bytes.", CLOSE)


async def whole_body(receive: Receive) -> bytes:
    """Return a request's body. Raises Refused for one that is too large, and where its sender leaves in between."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The request's body ended before its end.", CLOSE)
        body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            raise too_large()
    return body
