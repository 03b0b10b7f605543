"""Leave for pages of other sites to read the API from a browser (https://fetch.spec.whatwg.org/#http-cors-protocol).

Never with credentials: another site reads what anyone may read, and nothing under a visitor's own name.
"""

from collections.abc import Mapping

from services.edge.api.reply import Lines, Reply

ANY = "*"
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (
        b"access-control-allow-headers",
        b"content-type, x-backline-client, x-backline-user, x-request-id, traceparent, if-none-match",
    ),
    (b"access-control-max-age", b"7200"),
)
_EXPOSED = (b"access-control-expose-headers", b"etag, age, link, x-request-id, retry-after")


class Cors:
    """The origins that have leave, as a setting names them: separated by commas, `*` for all, none by default."""

    def __init__(self, origins: str) -> None:
        named = [origin.strip().rstrip("/") for origin in origins.split(",")]
        self._origins = frozenset(origin.encode() for origin in named if origin)
        self._any = ANY.encode() in self._origins
        self.vary = b"accept-encoding, origin" if self._origins and not self._any else b"accept-encoding"
        """What answers differ by."""

    def headers(self, origin: bytes) -> Lines:
        """Return what an answer to this origin needs for a page there to read it."""
        return (*self._leave(origin), _EXPOSED) if self._has_leave(origin) else ()

    def preflight(self, asked: Mapping[bytes, bytes]) -> Reply | None:
        """Answer the question that a browser asks before a request; None where it is not one, or has no leave."""
        origin = asked.get(b"origin", b"")
        if not self._has_leave(origin) or b"access-control-request-method" not in asked:
            return None
        return Reply(204, _PREFLIGHT, b"")

    def _has_leave(self, origin: bytes) -> bool:
        return bool(origin) and (self._any or origin in self._origins)

    def _leave(self, origin: bytes) -> Lines:
        return ((b"access-control-allow-origin", ANY.encode() if self._any else origin),)
