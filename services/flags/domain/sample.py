"""Recent contexts: for whom flags were evaluated lately, to try a rule on before it is written."""

import json
from collections.abc import Mapping
from typing import Any

MOST_CONTEXTS = 1_000
WITHIN_S = 900


class Sample:
    """The newest contexts, each once; what is older than a quarter of an hour goes."""

    def __init__(self, most: int = MOST_CONTEXTS, within_s: float = WITHIN_S) -> None:
        self._most, self._within_s = most, within_s
        self._seen: dict[str, tuple[float, Mapping[str, Any]]] = {}
        """When it came, and the context, by its text; the newest last."""

    def see(self, context: Mapping[str, Any], now_s: float) -> None:
        """Take up a context that came at that time of a clock that never goes back."""
        text = json.dumps(context, sort_keys=True)
        self._seen.pop(text, None)
        self._seen[text] = now_s, context
        if len(self._seen) > self._most:
            del self._seen[next(iter(self._seen))]

    def recent(self, now_s: float) -> list[Mapping[str, Any]]:
        """Return the contexts that are recent at that time, the oldest first."""
        while self._seen:
            oldest = next(iter(self._seen))
            if now_s - self._seen[oldest][0] <= self._within_s:
                break
            del self._seen[oldest]
        return [context for _, context in self._seen.values()]
