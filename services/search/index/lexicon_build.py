"""Makes the lexicon of a finished index out of its terms."""

from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from services.search.index.arrays import narrowed, write_arrays
from services.search.index.deletes import LETTERS, deletions_of_all

if TYPE_CHECKING:
    from numpy import int64, uint32, uint64
    from numpy.typing import NDArray

LENGTH_BITS = 6
"""A spelling is kept as one number: its word's, and in the low bits how many letters of it."""
HEAD_BYTES = 8

_SHORTEST_WORD, _SHORTEST_BEGINNING, _LONGEST = 3, 4, (1 << LENGTH_BITS) - 1
_SHORTEST_WITH_ONE, _SHORTEST_WITH_TWO = 4, 7
"""From how many letters on a spelling is also found without one of them, and without two."""


class Term(NamedTuple):
    """A word of the index."""

    text: str
    position: int
    """The first document that has it."""


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


def head_of(word: bytes) -> int:
    """Return a word's first bytes as a number, which is greater for a word that comes later."""
    return int.from_bytes(word[:HEAD_BYTES].ljust(HEAD_BYTES, b"\0"))


class Vocabulary:
    """The words of documents as they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._tokens, self._lengths = array("I"), array("I")

    def add(self, words: Sequence[str]) -> None:
        """Take the words of one more document, each once."""
        numbers = self._numbers
        self._tokens.extend([numbers.setdefault(word, len(numbers)) for word in words])
        self._lengths.append(len(words))

    def write(self, path: Path, rows: "NDArray[uint64]", arrivals: "NDArray[int64]") -> None:
        """Write the lexicon of the documents. In the order of rows come those and when the documents came, from 1."""
        words = sorted(self._numbers)
        starts, postings = self._inverted(words, rows, arrivals)
        write_lexicon(path, words, starts, postings)

    def _inverted(
        self, words: Sequence[str], rows: "NDArray[uint64]", arrivals: "NDArray[int64]"
    ) -> "tuple[NDArray[uint32], NDArray[uint64]]":
        """Return where each word's list of rows begins, and the lists."""
        import numpy as np  # noqa: PLC0415 - an indexer at rest does without

        order = np.empty(len(words), np.uint64)
        order[[self._numbers[word] for word in words]] = np.arange(len(words), dtype=np.uint64) << np.uint64(32)
        places = np.empty(len(rows), np.uint32)
        places[arrivals - 1] = np.arange(len(rows), dtype=np.uint32)
        pairs = order[np.asarray(self._tokens)]  # in place from here: it is the largest thing in a build
        pairs |= np.repeat(places, np.asarray(self._lengths))
        pairs.sort()
        starts = np.searchsorted(pairs, np.arange(len(words) + 1, dtype=np.uint64) << np.uint64(32))
        pairs &= np.uint64((1 << 32) - 1)
        return starts.astype(np.uint32), rows[pairs.view(np.int64)]


def write_lexicon(path: Path, words: Sequence[str], starts: "NDArray[uint32]", postings: "NDArray[uint64]") -> None:
    """Write the lexicon of these words, sorted, each with the rows that have it."""
    import numpy as np  # noqa: PLC0415 - an indexer at rest does without

    letters = [word.encode() for word in words]
    spellings = list(_spellings([*map(Term, words, postings[starts[:-1]].tolist())]))
    hashes, hashed = _deletions(spellings)
    numbers = [spelling.word << LENGTH_BITS | len(spelling.text) for spelling in spellings]
    write_arrays(
        path,
        {
            "letters": ("B", b"".join(letters)),
            "ends": ("I", np.cumsum([0, *map(len, letters)], dtype=np.uint32).tobytes()),
            "heads": ("Q", np.array([*map(head_of, letters)], np.uint64).tobytes()),
            "starts": ("I", starts.tobytes()),
            "rows": narrowed(postings),
            "spellings": ("I", np.array(numbers, np.uint32).tobytes()),
            "spelling_positions": ("Q", np.array([each.position for each in spellings], np.uint64).tobytes()),
            "hashes": ("I", hashes.tobytes()),
            "hashed": ("I", hashed.tobytes()),
        },
    )


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
    import numpy as np  # noqa: PLC0415 - an indexer at rest does without

    pairs = [np.empty(0, np.uint64)]
    deletions = np.array([spelling.deletions for spelling in spellings])
    for most in range(3):
        places = np.flatnonzero(deletions == most)
        for numbers, of in deletions_of_all([spellings[place].text for place in places.tolist()], most):
            pairs.append(numbers.astype(np.uint64) << np.uint64(32) | places[of].astype(np.uint64))
    pairs_in_order = np.unique(np.concatenate(pairs))
    return (pairs_in_order >> np.uint64(32)).astype(np.uint32), pairs_in_order.astype(np.uint32)
