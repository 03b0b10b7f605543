"""What flags have decided about a search: at the edge, once for all that the request needs."""

from services.kit.context import current
from services.kit.flags.client.local import Flags
from services.kit.flags.travelling import decisions_of
from services.search.domain.ranking.rank import DEFAULT_RANKER, RANKERS

RANKER = "search-ranker"
"""The flag whose value is the name of what orders the hits."""


def decided_ranker(flags: Flags) -> str:
    """Return the name of the ranker that the request's decisions name, which is used then; else the default's."""
    taken = decisions_of(current()).get(RANKER)
    if taken is None or not isinstance(taken.choice.value, str) or taken.choice.value not in RANKERS:
        return DEFAULT_RANKER
    flags.used(taken.choice, taken.unit, taken.generation)
    return taken.choice.value
