"""Golden queries: what people would type for items of the catalogue, whose answers are therefore known.

The items are drawn while the export streams by: weighted by popularity, as people search, and by a hash of the id, so
that two exports of nearly the same catalogue give nearly the same items and their results can be compared.
"""

import heapq
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import log
from types import MappingProxyType
from typing import NamedTuple, TypeAlias
from zlib import crc32

from services.search.domain.candidates.candidate import Candidate
from services.search.domain.document import Document
from services.search.domain.query import Query
from services.search.domain.search import Result
from services.search.domain.words.normalise import fold
from services.search.index.generations import Golden

COUNT = 300
SEED = 1
DEPTH = 10
"""Results that are looked at."""
_SKEW = 0.8
"""The power of popularity that searches follow."""

Search: TypeAlias = Callable[[Query, int], Result]
"""Takes a query and how many results are wanted."""
Typed: TypeAlias = Callable[[Document, random.Random], str]
"""What a person types who looks for the document."""


class Draw:
    """A sample of bounded size from documents that stream by."""

    def __init__(self, count: int = COUNT, seed: int = SEED) -> None:
        self._count, self._seed = count, seed
        self._drawn: list[tuple[float, str, Document]] = []

    def watched(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents as they come, and draw from them."""
        for document in documents:
            # Efraimidis and Spirakis: the largest u^(1/weight) are a sample without replacement by those weights.
            u = (crc32(document.id.encode(), self._seed) + 1) / (2**32 + 1)
            key = log(u) / (document.popularity + 1) ** _SKEW
            if len(self._drawn) < self._count:
                heapq.heappush(self._drawn, (key, f"{document.kind} {document.id}", document))
            elif key > self._drawn[0][0]:
                heapq.heapreplace(self._drawn, (key, f"{document.kind} {document.id}", document))
            yield document

    @property
    def documents(self) -> list[Document]:
        """Return what was drawn."""
        return [document for *_, document in sorted(self._drawn, key=lambda drawn: drawn[:2])]


class Case(NamedTuple):
    """A query and what it looks for."""

    typed: str
    kind: int
    title: str
    artists: str
    """Folded, as the title."""

    def is_met_by(self, candidate: Candidate) -> bool:
        """Whether the result is what is looked for. Items that look the same are: nobody could tell them apart."""
        return (candidate.kind, candidate.title, candidate.artists) == (self.kind, self.title, self.artists)


def cases(documents: Iterable[Document], seed: int = SEED) -> Iterator[Case]:
    """Yield one query for each document; which way it is typed goes by its id."""
    ways = list(_WAYS.values())
    for document in documents:
        chance = random.Random(f"{seed} {document.id}")  # noqa: S311 - a choice to repeat, not a secret
        typed = chance.choice(ways)(document, chance)
        yield Case(typed, document.kind, fold(document.title), fold(_artists(document)))


def measure(asked: Iterable[Case], search: Search, cpu_s: Callable[[], float]) -> Golden:
    """Return how the cases do. Each is asked twice, and the quicker counts: the first may wait for the disk."""
    results = [(case, *_ask(case, search, cpu_s)) for case in asked]
    if not results:
        return Golden((), 0.0, 0.0)
    worst = max(results, key=lambda result: result[2])
    mrr = sum(reciprocal_rank for _, reciprocal_rank, _ in results) / len(results)
    return Golden(tuple(case.typed for case, *_ in results), round(mrr, 4), round(worst[2], 6), worst[0].typed)


def _ask(case: Case, search: Search, cpu_s: Callable[[], float]) -> tuple[float, float]:
    """Return the reciprocal of the rank at which the case is met, 0 for none, and the CPU seconds of the search."""
    query, spent_s = Query.of(case.typed), []
    for _ in range(2):
        began_s = cpu_s()
        found = search(query, DEPTH)
        spent_s.append(cpu_s() - began_s)
    ranks = (place for place, match in enumerate(found.hits, start=1) if case.is_met_by(match.candidate))
    return 1 / next(ranks, float("inf")), min(spent_s)


def _artists(document: Document) -> str:
    return document.credit or ", ".join(artist.name for artist in document.artists)


def _title(document: Document, _chance: random.Random) -> str:
    return document.title


def _title_and_artist(document: Document, _chance: random.Random) -> str:
    return f"{document.title} {document.artists[0].name}" if document.artists else document.title


def _cut(document: Document, _chance: random.Random) -> str:
    """Return the title before the last word is finished."""
    *whole, last = document.title.split() or [""]
    return " ".join([*whole, last[: max(2, 2 * len(last) // 3)]])


def _mistyped(document: Document, chance: random.Random) -> str:
    """Return the title with two neighbouring letters of its longest word in the wrong order, if it is long enough."""
    longest = max(document.title.split(), key=len, default="")
    if len(longest) < _LONG_ENOUGH:
        return document.title
    at = chance.randrange(1, len(longest) - 1)
    swapped = longest[:at] + longest[at + 1] + longest[at] + longest[at + 2 :]
    return document.title.replace(longest, swapped, 1)


_LONG_ENOUGH = 6
_WAYS: Mapping[str, Typed] = MappingProxyType(
    {"title": _title, "title_and_artist": _title_and_artist, "cut": _cut, "mistyped": _mistyped}
)
