"""Links from one page of a list to the next (RFC 8288)."""

from urllib.parse import quote, quote_from_bytes, unquote_plus

from services.kit.http.asgi import Scope

_IN_QUERY = "!$&'()*+,/:;=?@%~"
"""What stays as it was sent; the rest could end the address, or the header."""


def next_page(scope: Scope, cursor: str) -> tuple[bytes, bytes]:
    """Return the header that leads to the page after this one: the same address with another cursor."""
    parts = [part for part in scope["query_string"].split(b"&") if part and not _is_cursor(part)]
    kept = "".join(f"{quote_from_bytes(part, _IN_QUERY)}&" for part in parts)
    path = quote_from_bytes(scope["raw_path"], _IN_QUERY)
    return b"link", f'<{path}?{kept}cursor={quote(cursor, safe="")}>; rel="next"'.encode()


def _is_cursor(part: bytes) -> bool:
    return unquote_plus(part.partition(b"=")[0].decode("latin-1")) == "cursor"
