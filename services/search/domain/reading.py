"""How a query is understood: which words are looked for, and in place of what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Word(NamedTuple):
    """A word to look for."""

    text: str
    """Folded."""
    edits: int = 0
    """By how many letters it differs from what was typed."""
    whole: bool = False
    """Whether it is no beginning, even where it is the last."""


class Phrase(NamedTuple):
    """One wording of a reading."""

    text: str
    """As a folded title would have it."""
    words: tuple[str, ...]
    edits: int
    """By how many letters it differs from what was typed."""
    openings: tuple[str, str]
    """The text, and the text with an article before it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as it is understood: groups of alternatives, one of each must be found."""

    text: str
    """The query, folded, each group's first alternative in it."""
    groups: tuple[tuple[Word, ...], ...]
    """At least one; alternatives are in the order of preference."""
    unfinished: bool = True
    """Whether those of the last group may be the beginning of a word."""
    left_out: int = 0
    """How many letters of the query it does without."""

    @classmethod
    def literal(cls, text: str, tokens: Sequence[str]) -> "Reading":
        """Return what the words mean as they stand."""
        return cls(text, tuple((Word(token),) for token in tokens))

    def phrase(self, words: Sequence[Word]) -> Phrase:
        """Return the wording with these words, one of each group."""
        firsts = [group[0].text for group in self.groups]
        text = reworded(self.text, {first: word.text for first, word in zip(firsts, words, strict=True)})
        edits = sum([word.edits for word in words])
        return Phrase(text, tuple([word.text for word in words]), edits, (text, f"the {text}"))


class Wordings:
    """Finds the wording of a reading that a document has."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._last = len(reading.groups) - 1
        firsts = tuple([group[0] for group in reading.groups])
        self._known = {firsts: reading.phrase(firsts)}
        self._only = self._known[firsts] if all(len(group) == 1 for group in reading.groups) else None

    def of(self, title: str, artists: str) -> Phrase:
        """Return the wording with the first word of each group that the title or the artists have."""
        if self._only is not None:
            return self._only
        words = tuple(self._words(f" {title} {artists} "))
        if words not in self._known:
            self._known[words] = self._reading.phrase(words)
        return self._known[words]

    def _words(self, text: str) -> Iterator[Word]:
        for place, group in enumerate(self._reading.groups):
            begins = place == self._last and self._reading.unfinished
            yield next((word for word in group if _has(text, word, begins=begins)), group[0])


def _has(text: str, word: Word, *, begins: bool) -> bool:
    return f" {word.text}" in text if begins and not word.whole else f" {word.text} " in text


def reworded(text: str, replaced: Mapping[str, str]) -> str:
    """Return the text with each word that is replaced by another."""
    return " ".join([replaced.get(word, word) for word in text.split()])
