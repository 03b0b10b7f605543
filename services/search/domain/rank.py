"""The third room: rankers. A ranker is a pure function from a query and its candidates to an order, chosen by name."""

from collections.abc import Callable, Mapping, Sequence
from math import log2
from types import MappingProxyType
from typing import TypeAlias

from services.search.domain.candidates import Candidate
from services.search.domain.document import Kind
from services.search.domain.query import Query

Ranker: TypeAlias = Callable[[Query, Sequence[Candidate]], list[Candidate]]

# In doublings of popularity: a title that is the query outweighs a thousand times the plays of another.
_WHOLE_TITLE = 10.0
_TITLE_PREFIX = 5.0
_TITLE_COVERED = 3.0
_KIND_PRIOR: dict[int, float] = {Kind.ARTIST: 2.0, Kind.ALBUM: 1.0, Kind.TRACK: 0.0}


def by_match_and_popularity(query: Query, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Order by how well the title answers the query, plus the logarithm of popularity, plus a little for the kind.

    An artist stands above the album named after it, and that above the track. Equals keep the order of popularity.
    """
    text = query.text
    words = text.split()
    openings = (text, f"the {text}")

    def score(candidate: Candidate) -> float:
        _, kind, title, _, popularity, *_ = candidate
        score = log2(popularity + 1) + _KIND_PRIOR[kind]
        if title in openings:
            return score + _WHOLE_TITLE
        if title.startswith(openings):
            return score + _TITLE_PREFIX + _TITLE_COVERED * len(text) / len(title)
        covered = sum([len(word) for word in words if word in title])
        return score + _TITLE_COVERED * min(1.0, covered / len(title)) if covered else score

    return sorted(candidates, key=score, reverse=True)


RANKERS: Mapping[str, Ranker] = MappingProxyType({"match-and-popularity": by_match_and_popularity})
DEFAULT_RANKER = "match-and-popularity"
