"""ASGI's shapes, and the few lines that a plain application needs."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers: TypeAlias = Iterable[tuple[bytes, bytes]]


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI has them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


WHOLE: Final = "http.response.whole"
"""An ASGI extension of our listener: takes status, headers and body of a whole answer in one step.

ASGI's two messages go through uvicorn's general path, which looks at every header by itself; for a small answer that is
a third of what serving it costs.
"""
_WITHOUT_LENGTH = (204, 304)


async def respond(scope: Scope, send: Send, status: int, headers: Headers, body: bytes, *, head: bool = False) -> None:
    """Send a whole answer at once; with `head` its headers only."""
    lines = [*headers] if status in _WITHOUT_LENGTH else [(b"content-length", b"%d" % len(body)), *headers]
    content = b"" if head else body
    whole = scope.get("extensions", {}).get(WHOLE)
    if whole:
        await whole(status, lines, content)
    else:
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": content})
