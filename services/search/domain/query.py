"""What is asked for, after the first room."""

from dataclasses import dataclass
from typing import NamedTuple

from services.search.domain.document import Kind
from services.search.domain.words.noise import without_noise
from services.search.domain.words.normalise import MAX_QUERY_CHARS, fold, query_tokens


@dataclass(frozen=True, slots=True)
class Filters:
    """What an answer may hold."""

    kinds: frozenset[Kind] = frozenset(Kind)
    """At least one."""
    market: str = ""
    """Only what may be played in this market, an ISO 3166 alpha-2 code; empty means anywhere."""
    hide_explicit: bool = False


class Query(NamedTuple):
    """A folded query. Every token must be found; the last may be the beginning of a word."""

    text: str
    tokens: tuple[str, ...]
    filters: Filters = Filters()
    prefer_clean: bool = False
    """Whether what is marked as explicit stands behind the same without the mark."""
    typed: str = ""
    """As it was before folding."""
    unfinished: bool = True
    """Whether the last token may be the beginning of a word."""

    @classmethod
    def of(cls, typed: str, filters: Filters = Filters(), *, prefer_clean: bool = False) -> "Query":
        """Return the query for what was typed, of which the first 200 characters count."""
        typed = typed[:MAX_QUERY_CHARS]
        text = fold(typed)
        return cls(text, query_tokens(text), filters, prefer_clean, typed)

    def without_noise(self) -> "Query":
        """Return the query without what clings to pasted titles; itself where there is nothing of that."""
        text = without_noise(self.text)
        if text == self.text:
            return self
        tokens = query_tokens(text)
        unfinished = self.unfinished and tokens[-1] == self.tokens[-1]
        return self._replace(text=text, tokens=tokens, unfinished=unfinished)

    def begins(self, place: int) -> bool:
        """Whether the token at this place may be the beginning of a word."""
        return self.unfinished and place == len(self.tokens) - 1
