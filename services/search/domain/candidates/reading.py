"""How a query is understood: which words are looked for, and in place of what."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from services.search.domain.candidates.candidate import END

T = TypeVar("T")


class Word(NamedTuple):
    """A word to look for."""

    text: str
    """Folded."""
    edits: int = 0
    """By how many letters it differs from what was typed."""
    begins: bool = False
    """Whether it may be the beginning of a word."""


class Phrase(NamedTuple):
    """One wording of a reading."""

    text: str
    """As a folded title would have it."""
    words: tuple[str, ...]
    edits: int
    """By how many letters it differs from what was typed."""
    openings: tuple[str, str]
    """The text, and the text with an article before it."""
    titles: tuple[str, str]
    """The same as whole titles: each with its end."""

    @classmethod
    def of(cls, text: str, words: Sequence[Word]) -> "Phrase":
        """Return the text as one wording, with these words."""
        edits = sum([word.edits for word in words])
        openings, titles = (text, f"the {text}"), (f"{text}{END}", f"the {text}{END}")
        return cls(text, tuple([word.text for word in words]), edits, openings, titles)


class Reading(NamedTuple):
    """A query as it is understood: groups of alternatives, of which one of each must be found."""

    text: str
    """The query, folded, each group's first alternative in it."""
    groups: tuple[tuple[Word, ...], ...]
    """At least one; alternatives are in the order of preference."""
    at_least: int = 0
    """Where it is enough to find some of the groups: how many of the rarest; 0 where all must be found."""
    rarest: tuple[int, ...] = ()
    """The places of these groups."""

    @property
    def edits(self) -> int:
        """Return by how many letters what it prefers differs from what was typed."""
        return sum([group[0].edits for group in self.groups])

    @classmethod
    def literal(cls, text: str, tokens: Sequence[str]) -> "Reading":
        """Return what the words mean as they stand, the last as a beginning."""
        last = len(tokens) - 1
        return cls(text, tuple((Word(token, begins=place == last),) for place, token in enumerate(tokens)))

    def phrase(self, words: Sequence[Word]) -> Phrase:
        """Return the wording with these words, one of each group."""
        firsts = [group[0].text for group in self.groups]
        text = reworded(self.text, {first: word.text for first, word in zip(firsts, words, strict=True)})
        return Phrase.of(text, words)


class Wordings(Generic[T]):
    """Tells of the wording of a reading that a document has; what is told is made once for each wording."""

    def __init__(self, reading: Reading, made_of: Callable[[Phrase], T]) -> None:
        self._reading = reading
        self._made_of = made_of
        firsts = tuple([group[0] for group in reading.groups])
        made = made_of(Phrase.of(reading.text, firsts))
        self._known = {firsts: made}
        self.only = made if sum(map(len, reading.groups)) == len(firsts) else None
        """The one that all documents have, where there are no others."""

    def of(self, text: str) -> T:
        """Return what is told of the wording with the first word of each group that a candidate's text has."""
        if self.only is not None:
            return self.only
        words = tuple(self._words(f" {text.replace(END, ' ')} "))
        if words not in self._known:
            self._known[words] = self._made_of(self._reading.phrase(words))
        return self._known[words]

    def _words(self, text: str) -> Iterator[Word]:
        for group in self._reading.groups:
            yield next((word for word in group if _has(text, word)), group[0])


def reworded(text: str, replaced: Mapping[str, str]) -> str:
    """Return the text with each word that is replaced by another."""
    return " ".join([replaced.get(word, word) for word in text.split()])


def _has(text: str, word: Word) -> bool:
    return f" {word.text}" in text if word.begins else f" {word.text} " in text
