"""An HTTP answer as a value: made whole by a route, then passed from hand to hand until it is sent."""

from collections.abc import Sequence
from typing import NamedTuple

from services.kit.http.asgi import App, Message, Receive, Scope, encoded

JSON = {"content-type": "application/json", "cache-control": "no-store"}
JSON_HEADERS = tuple(encoded(JSON))

Lines = Sequence[tuple[bytes, bytes]]


class Reply(NamedTuple):
    """Status, headers with names in lower case, and body."""

    status: int
    headers: Lines
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        """Return the value of a header; None where the answer has no such header."""
        return next((value for key, value in self.headers if key == name), None)


async def reply_of(app: App, scope: Scope, receive: Receive) -> Reply:
    """Return what an application answers, without its length: what is done to the body changes that."""
    started: list[Message] = []
    parts: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    lines = [line for line in started[0]["headers"] if line[0] != b"content-length"]
    return Reply(started[0]["status"], lines, b"".join(parts))
