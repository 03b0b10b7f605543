"""A query's words against those that an index has: which are known, and what the others may be meant to be.

Each is looked up once for a search, however many sources ask.
"""

from services.search.domain.candidates.lexicon import Lexicon, Near

_FROM_LETTERS = (4, 8)
"""From how many letters on a word may differ by one letter, and by two."""
_MOST_ALTERNATIVES = 4


class Spelling:
    """What a lexicon says of words, remembered."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._known: dict[tuple[str, bool], bool] = {}
        self._near: dict[tuple[str, int, bool], list[Near]] = {}

    def knows(self, word: str, *, unfinished: bool) -> bool:
        """Whether documents have the word, or one that begins so."""
        asked = (word, unfinished)
        if asked not in self._known:
            self._known[asked] = self.lexicon.begins(word) if unfinished else self.lexicon.position(word) > 0
        return self._known[asked]

    def near(self, word: str, *, unfinished: bool) -> list[Near]:
        """Return what the word may be meant to be: what differs least, most popular first, not too many."""
        for edits in range(1, _most_edits(word) + 1):
            if near := self._differing(word, edits, unfinished=unfinished):
                return near
        return []

    def farther(self, word: str, *, unfinished: bool) -> list[Near]:
        """Return what else it may be meant to be, where something differs less: what differs by one letter more."""
        near = self.near(word, unfinished=unfinished)
        if not near or near[0].edits >= _most_edits(word):
            return []
        return self._differing(word, near[0].edits + 1, unfinished=unfinished)

    def _differing(self, word: str, edits: int, *, unfinished: bool) -> list[Near]:
        asked = (word, edits, unfinished)
        if asked not in self._near:
            near = self.lexicon.near(word, edits, unfinished=unfinished)
            self._near[asked] = [each for each in near if not _stands_for_no_more(each, near)][:_MOST_ALTERNATIVES]
        return self._near[asked]


def _most_edits(word: str) -> int:
    return sum([len(word) >= letters for letters in _FROM_LETTERS])


def _stands_for_no_more(beginning: Near, near: list[Near]) -> bool:
    """Whether a longer one that begins so has the same best document."""
    return any(
        other.position == beginning.position
        and len(other.text) > len(beginning.text)
        and other.text.startswith(beginning.text)
        for other in near
    )
