"""Hits as JSON, each rendered once.

An index generation never changes, so generation, kind and id say all of a hit, and the popular ones are in most
answers. Rendering is the dearest part of the hottest route: twenty hits that are known cost a quarter of new ones.
"""

import orjson

from backline.search.v1 import search_pb2 as pb
from services.edge.api.answers import hit

_GENERATIONS = 2
"""While search processes change from one index to the next, answers of both arrive."""


class RenderedHits:
    """Keeps up to `at_most` rendered hits of each of the latest two generations, and forgets the oldest first."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._generations: dict[str, dict[tuple[int, str], orjson.Fragment]] = {}

    def of(self, found: pb.SearchResponse) -> list[orjson.Fragment]:
        """Return the hits of an answer, ready to be put into JSON."""
        known = self._known(found.index_generation)
        fragments = []
        for each in found.hits:
            key = (each.kind, each.id)
            fragment = known.get(key)
            if fragment is None:
                fragment = orjson.Fragment(orjson.dumps(hit(each)))
                self._keep(known, key, fragment)
            fragments.append(fragment)
        return fragments

    def _known(self, generation: str) -> dict[tuple[int, str], orjson.Fragment]:
        known = self._generations.get(generation)
        if known is None:
            known = self._generations[generation] = {}
            if len(self._generations) > _GENERATIONS:
                del self._generations[next(iter(self._generations))]
        return known

    def _keep(
        self, known: dict[tuple[int, str], orjson.Fragment], key: tuple[int, str], fragment: orjson.Fragment
    ) -> None:
        if len(known) >= self._at_most:
            del known[next(iter(known))]
        known[key] = fragment
