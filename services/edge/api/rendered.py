"""Hits as JSON, each rendered once.

An index never changes, so the names of generation and delta with kind and id say all of a hit, and the popular ones are
in most answers. Rendering is the dearest part of the hottest route: twenty hits that are known cost a quarter of new
ones. A delta may rename an item, so what is kept goes with it; to render all that is popular once more takes a tenth of
a second at most.
"""

from typing import TypeAlias

import orjson

from backline.search.v1 import search_pb2 as pb
from services.edge.api.answers import hit, match

_INDEXES = 2
"""While search processes change from one index to the next, answers of both arrive."""

_Known: TypeAlias = dict[tuple[int, str], bytes]


class RenderedHits:
    """Keeps up to `at_most` rendered hits of each of the latest two indexes, and forgets the oldest first."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._indexes: dict[tuple[str, str], _Known] = {}

    def of(self, found: pb.SearchResponse) -> orjson.Fragment:
        """Return the hits of an answer as a list, each with its match if the answer has them, to be put into JSON."""
        known = self._known((found.index_generation, found.index_delta))
        hits = []
        for each in found.hits:
            key = (each.kind, each.id)
            rendered = known.get(key)
            if rendered is None:
                rendered = orjson.dumps(hit(each))
                self._keep(known, key, rendered)
            hits.append(rendered)
        if found.matches:
            hits = [_with_match(rendered, why) for rendered, why in zip(hits, found.matches, strict=True)]
        return orjson.Fragment(b"[%b]" % b",".join(hits))

    def _known(self, index: tuple[str, str]) -> _Known:
        known = self._indexes.get(index)
        if known is None:
            known = self._indexes[index] = {}
            if len(self._indexes) > _INDEXES:
                del self._indexes[next(iter(self._indexes))]
        return known

    def _keep(self, known: _Known, key: tuple[int, str], rendered: bytes) -> None:
        if len(known) >= self._at_most:
            del known[next(iter(known))]
        known[key] = rendered


def _with_match(rendered: bytes, why: pb.Match) -> bytes:
    """Return a rendered hit with one field more."""
    return b'%b,"match":%b}' % (rendered[:-1], orjson.dumps(match(why)))
