"""What has been asked most often lately, to warm a new index with before it is served."""

from heapq import nlargest

_FADED = 2
"""What is counted is divided by this whenever there is too much of it: what was popular long ago fades."""


class Popular:
    """Counts queries, within a bound of how many different ones."""

    def __init__(self, bound: int) -> None:
        self._bound, self._counts = bound, dict[str, int]()

    def note(self, query: str) -> None:
        """Count one query. Cheap, since every search does."""
        self._counts[query] = self._counts.get(query, 0) + 1
        if len(self._counts) > self._bound:
            self._fade()

    def top(self, count: int) -> list[str]:
        """Return the most popular queries, the most popular first."""
        return nlargest(count, self._counts, key=self._counts.__getitem__)

    def _fade(self) -> None:
        kept = self.top(self._bound // _FADED)
        self._counts = {query: 1 + self._counts[query] // _FADED for query in kept}
