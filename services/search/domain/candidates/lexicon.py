"""The words that documents are found by, and those that resemble a word that none is found by."""

from typing import NamedTuple, Protocol


class Near(NamedTuple):
    """A known word, or the beginning of known words, that resembles another."""

    edits: int
    """By how many letters it differs."""
    position: int
    """The least position of what has it: how popular it is."""
    text: str


class Lexicon(Protocol):
    """The words of an index."""

    def position(self, word: str) -> int:
        """Return the least position of the documents that have the word; 0 where none has it."""
        ...

    def count(self, word: str) -> int:
        """Return how many documents have the word."""
        ...

    def begins(self, beginning: str) -> bool:
        """Whether a word begins so."""
        ...

    def near(self, word: str, edits: int, *, unfinished: bool) -> list[Near]:
        """Return what differs from the word by just so many letters (1 or 2), most popular first.

        An unfinished word is compared with beginnings of words. What has a digit is never returned.
        """
        ...
