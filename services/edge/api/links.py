"""Links from one page of a list to the next (RFC 8288)."""

import re
from urllib.parse import quote, quote_from_bytes, unquote_plus

from services.kit.http.asgi import Scope

_IN_QUERY = "!$&'()*+,/:;=?@%~"
"""What stays as it was sent; the rest could end the address, or the header."""
_CURSOR = re.compile(rb"cursor|%[67]")
"""Where a query may have a cursor, however it is written."""
_SAFE = re.compile(rb"[A-Za-z0-9_.\-!$&'()*+,/:;=?@%~]*")


def next_page(scope: Scope, cursor: str) -> tuple[bytes, bytes]:
    """Return the header that leads to the page after this one: the same address with another cursor."""
    query: bytes = scope["query_string"]
    if _CURSOR.search(query):
        query = b"&".join([part for part in query.split(b"&") if not _is_cursor(part)])
    address = b"%b?%b" % (scope["raw_path"], query + b"&" if query else b"")
    if not _SAFE.fullmatch(address):
        address = quote_from_bytes(address, _IN_QUERY).encode()
    token = cursor if cursor.isalnum() and cursor.isascii() else quote(cursor, safe="")
    return b"link", b'<%bcursor=%b>; rel="next"' % (address, token.encode())


def _is_cursor(part: bytes) -> bool:
    name = part.partition(b"=")[0]
    return name == b"cursor" or (b"%" in name and unquote_plus(name.decode("latin-1")) == "cursor")
