"""Keeps a page of the inside from pages of other sites that have their own name lead to this machine (DNS rebinding).

To the browser such a page and ours are one site, so that it may read whatever is read here without a token. What it
cannot do is have the browser call us by another name than its own.
"""

import re
from ipaddress import IPv4Address

from services.kit.http.asgi import App, Receive, Scope, Send, encoded, respond
from services.kit.http.problem import BY_STATUS, CONTENT_TYPE, body

_HOST = re.compile(r"(\[(?P<address>[0-9a-f:.%]+)\]|(?P<name>[^\[\]:]*))(:[0-9]*)?")
_HEADERS = encoded({"content-type": CONTENT_TYPE, "cache-control": "no-store"})


def called_by_name(app: App, names: str) -> App:
    """Return the application for who calls it by an address, a name of one word, or one of these, commas between."""
    ours = frozenset(name.strip().lower() for name in names.split(",") if name.strip())

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        if _is_nobody_elses(host, ours):
            await app(scope, receive, send)
        else:
            detail = "This page is not known by that name; its settings can name it."
            await respond(scope, send, 421, _HEADERS, body(BY_STATUS[421], detail, ""))

    return guarded


def _is_nobody_elses(host: str, ours: frozenset[str]) -> bool:
    """Whether no site of others has the name: it is none, an address, ours, or one word, as in a local network."""
    read = _HOST.fullmatch(host.lower())
    if read is None:
        return False
    address, name = read["address"], read["name"] or ""
    return address is not None or name in ours or "." not in name.removesuffix(".localhost") or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        IPv4Address(name)
    except ValueError:
        return False
    return True
