"""Makes the lexicon of a finished index out of its terms."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from services.search.index.arrays import write_arrays
from services.search.index.deletes import LETTERS, deletions_of_all
from services.search.index.lexicon import LENGTH_BITS

if TYPE_CHECKING:
    from numpy import uint32
    from numpy.typing import NDArray

_VOCABULARY = "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, terms, row)"
_FIRST = "SELECT rowid FROM terms WHERE terms MATCH ? LIMIT 1"
_SHORTEST_WORD, _SHORTEST_BEGINNING, _LONGEST = 3, 4, (1 << LENGTH_BITS) - 1
_SHORTEST_WITH_ONE, _SHORTEST_WITH_TWO = 4, 7
"""From how many letters on a spelling is also found without one of them, and without two."""


class Term(NamedTuple):
    """A word of the index."""

    text: str
    documents: int
    """How many documents have it."""
    position: int
    """The first of them."""


class Spelling(NamedTuple):
    """A word, or the beginning of words, that what was typed may be meant to be."""

    text: str
    word: int
    """The place of the first word that begins so."""
    position: int
    whole: bool
    """Whether it is a word."""

    @property
    def deletions(self) -> int:
        """How many letters may be left out of it to find it by. Beginnings are many, so one must do for them."""
        if len(self.text) < _SHORTEST_WITH_ONE:
            return 0
        return 2 if self.whole and len(self.text) >= _SHORTEST_WITH_TWO else 1


def write_lexicon(connection: sqlite3.Connection, path: Path) -> None:
    """Write the lexicon of the terms in the connection's database."""
    import numpy as np  # noqa: PLC0415 - only builders need it

    terms = list(_terms(connection))
    words = [term.text.encode() for term in terms]
    spellings = list(_spellings(terms))
    hashes, hashed = _deletions(spellings)
    numbers = [spelling.word << LENGTH_BITS | len(spelling.text) for spelling in spellings]
    write_arrays(
        path,
        {
            "letters": ("B", b"".join(words)),
            "ends": ("I", np.cumsum([0, *map(len, words)], dtype=np.uint32).tobytes()),
            "counts": ("I", np.array([term.documents for term in terms], np.uint32).tobytes()),
            "positions": ("Q", np.array([term.position for term in terms], np.uint64).tobytes()),
            "spellings": ("I", np.array(numbers, np.uint32).tobytes()),
            "spelling_positions": ("Q", np.array([each.position for each in spellings], np.uint64).tobytes()),
            "hashes": ("I", hashes.tobytes()),
            "hashed": ("I", hashed.tobytes()),
        },
    )


def _terms(connection: sqlite3.Connection) -> Iterator[Term]:
    connection.execute(_VOCABULARY)
    for text, count in connection.execute("SELECT term, doc FROM temp.vocabulary ORDER BY term").fetchall():
        (position,) = connection.execute(_FIRST, [f'"{text}"']).fetchone()
        yield Term(text, count, position)


def _spellings(terms: Sequence[Term]) -> Iterator[Spelling]:
    """Yield what can be meant: each word, and each beginning once, with the position of the most popular word."""
    beginnings: dict[str, Spelling] = {}
    for word, term in enumerate(terms):
        if len(term.text) < _SHORTEST_WORD or not _is_spelt(term.text):
            continue
        for length in {*range(_SHORTEST_BEGINNING, min(len(term.text), LETTERS + 1)), min(len(term.text), _LONGEST)}:
            beginning = term.text[:length]
            known = beginnings.get(beginning, Spelling(beginning, word, term.position, whole=False))
            beginnings[beginning] = known._replace(
                position=min(known.position, term.position), whole=known.whole or beginning == term.text
            )
    yield from beginnings.values()


def _is_spelt(word: str) -> bool:
    """Whether one can tell a slip in it: numbers are what they are, and Korean is typed by syllables."""
    return word.isalpha() and not any("\u1100" <= letter <= "\u11ff" for letter in word)


def _deletions(spellings: Sequence[Spelling]) -> "tuple[NDArray[uint32], NDArray[uint32]]":
    """Return the numbers of all deletions in ascending order, and the place of the spelling that each is of."""
    import numpy as np  # noqa: PLC0415 - only builders need it

    pairs = [np.empty(0, np.uint64)]
    deletions = np.array([spelling.deletions for spelling in spellings])
    for most in range(3):
        places = np.flatnonzero(deletions == most)
        for numbers, of in deletions_of_all([spellings[place].text for place in places.tolist()], most):
            pairs.append(numbers.astype(np.uint64) << np.uint64(32) | places[of].astype(np.uint64))
    pairs_in_order = np.unique(np.concatenate(pairs))
    return (pairs_in_order >> np.uint64(32)).astype(np.uint32), pairs_in_order.astype(np.uint32)
