"""A query's words against those that an index has: which are known, and what the others may be meant to be.

Each is looked up once for a search, however many sources ask.
"""

from services.search.domain.lexicon import Lexicon, Near

_FROM_LETTERS = (4, 8)
"""From how many letters on a word may differ by one letter, and by two."""
_MOST_ALTERNATIVES = 6


class Spelling:
    """What a lexicon says of words, remembered."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._known: dict[tuple[str, bool], bool] = {}
        self._near: dict[tuple[str, bool], list[Near]] = {}

    def knows(self, word: str, *, unfinished: bool) -> bool:
        """Whether documents have the word, or one that begins so."""
        asked = (word, unfinished)
        if asked not in self._known:
            self._known[asked] = self.lexicon.begins(word) if unfinished else self.lexicon.position(word) > 0
        return self._known[asked]

    def near(self, word: str, *, unfinished: bool) -> list[Near]:
        """Return what the word may be meant to be: what differs least, most popular first, not too many."""
        asked = (word, unfinished)
        if asked not in self._near:
            self._near[asked] = self._looked_up(word, unfinished=unfinished)
        return self._near[asked]

    def _looked_up(self, word: str, *, unfinished: bool) -> list[Near]:
        at_most = sum([len(word) >= letters for letters in _FROM_LETTERS])
        near = self.lexicon.near(word, at_most, unfinished=unfinished) if at_most else []
        return [each for each in near if not _stands_for_no_more(each, near)][:_MOST_ALTERNATIVES]


def _stands_for_no_more(beginning: Near, near: list[Near]) -> bool:
    """Whether a longer one that begins so has the same best document."""
    return any(
        other.position == beginning.position
        and len(other.text) > len(beginning.text)
        and other.text.startswith(beginning.text)
        for other in near
    )
