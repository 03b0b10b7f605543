"""Pages of a list, each starting behind the last track of the page before, whatever is written in between."""

import base64
import re
from collections.abc import Sequence

from services.catalog.domain.store import Page
from services.catalog.store.rows import FIRST_PLACE, Placement
from services.kit.errors import Invalid

_TOKEN = re.compile(r"([0-9]) ([!-~]+) (-?[0-9]{1,16}) ([!-~]+)")


def start(owner_kind: int, owner: str, page_token: str) -> Placement:
    """Return the placement that the page begins behind. Raises Invalid for a token that no page of the list gave."""
    if not page_token:
        return owner_kind, owner, FIRST_PLACE, ""
    after = _parsed(page_token)
    if after is None or _token(after) != page_token or after[:2] != (owner_kind, owner):
        raise Invalid("The page token is not one that this list gave.", field="page_token")
    return after


def page(found: Sequence[tuple[Placement, bytes]], page_size: int) -> Page:
    """Return a page of tracks, made from up to one track more than it may hold."""
    shown = found[:page_size]
    next_token = _token(shown[-1][0]) if len(found) > page_size else ""
    return Page(tuple(wire for _, wire in shown), next_token)


def _token(after: Placement) -> str:
    words = " ".join(map(str, after))
    return base64.urlsafe_b64encode(words.encode()).decode().rstrip("=")


def _parsed(page_token: str) -> Placement | None:
    try:
        words = base64.urlsafe_b64decode(page_token + "=" * (-len(page_token) % 4)).decode()
    except ValueError:
        return None
    match = _TOKEN.fullmatch(words)
    return (int(match[1]), match[2], int(match[3]), match[4]) if match else None
