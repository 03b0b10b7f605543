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

_Known: TypeAlias = dict[tuple[int, str], orjson.Fragment]


class RenderedHits:
    """Keeps up to `at_most` rendered hits of each of the latest two indexes, and forgets the oldest first."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._indexes: dict[tuple[str, str], _Known] = {}

    def of(self, found: pb.SearchResponse) -> list[orjson.Fragment]:
        """Return the hits of an answer, each with its match if the answer has them, ready to be put into JSON."""
        known = self._known((found.index_generation, found.index_delta))
        fragments = []
        for each in found.hits:
            key = (each.kind, each.id)
            fragment = known.get(key)
            if fragment is None:
                fragment = orjson.Fragment(orjson.dumps(hit(each)))
                self._keep(known, key, fragment)
            fragments.append(fragment)
        if found.matches:
            return [_with_match(fragment, why) for fragment, why in zip(fragments, found.matches, strict=True)]
        return fragments

    def _known(self, index: tuple[str, str]) -> _Known:
        known = self._indexes.get(index)
        if known is None:
            known = self._indexes[index] = {}
            if len(self._indexes) > _INDEXES:
                del self._indexes[next(iter(self._indexes))]
        return known

    def _keep(self, known: _Known, key: tuple[int, str], fragment: orjson.Fragment) -> None:
        if len(known) >= self._at_most:
            del known[next(iter(known))]
        known[key] = fragment


def _with_match(fragment: orjson.Fragment, why: pb.Match) -> orjson.Fragment:
    """Return a rendered hit with one field more."""
    return orjson.Fragment(b'%b,"match":%b}' % (orjson.dumps(fragment)[:-1], orjson.dumps(match(why))))
