"""Entity tags, and requests that only want what has changed (RFC 9110, sections 8.8.3 and 13.1.2)."""

import re
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from services.edge.api import answers
from services.edge.api.reply import Reply

_OPAQUE = re.compile(rb'"[\x21\x23-\x7e\x80-\xff]*"')
_TAG_BYTES = 12
_OK, _NOT_MODIFIED = 200, 304
_OF_THE_BODY = (b"content-type", b"content-encoding")

Version = tuple[str, int]
"""An item's id, and which state of it was shown; 0 where that is not known."""


class Tags:
    """Makes tags from versions. They hold for one rendering: with other code, the same item is another answer."""

    def __init__(self) -> None:
        self._rendering = Path(answers.__file__).read_bytes()

    def of(self, versions: Iterable[Version]) -> str:
        """Return the tag of an answer that shows these items in this order; empty where a version is not known.

        It is a weak one, since the same answer goes out compressed or not.
        """
        digest = blake2b(self._rendering, digest_size=_TAG_BYTES)
        for name, version in versions:
            if not version:
                return ""
            digest.update(f"\n{name} {version}".encode())
        return f'W/"{digest.hexdigest()}"'


def is_known(tag: bytes, if_none_match: bytes) -> bool:
    """Return whether one of the tags in an If-None-Match header is this one, compared weakly."""
    if if_none_match.strip() == b"*":
        return True
    return tag.removeprefix(b"W/") in _OPAQUE.findall(if_none_match)


def not_modified(reply: Reply, if_none_match: bytes) -> Reply:
    """Return the answer that says only that nothing has changed, where the caller has this answer already."""
    tag = reply.header(b"etag")
    if reply.status != _OK or tag is None or not is_known(tag, if_none_match):
        return reply
    return Reply(_NOT_MODIFIED, [line for line in reply.headers if line[0] not in _OF_THE_BODY], b"")
