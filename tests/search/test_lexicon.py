"""The lexicon: every word, and everything near another word, as looking at all of them would find."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.candidates.edits import distance
from services.search.domain.candidates.lexicon import Near
from services.search.index.arrays import open_arrays
from services.search.index.deletes import LETTERS, deletions, deletions_of_all
from services.search.index.lexicon import ArrayLexicon
from services.search.index.lexicon_build import Vocabulary

SYLLABLES = ("lan", "tern", "moo", "n", "ri", "ver", "é", "lu", "mi", "2")
WORDS = sorted({"".join(syllables) for most in range(1, 5) for syllables in product(SYLLABLES, repeat=most)})[::29]


@contextmanager
def lexicon_of(documents: list[str], path: Path) -> Iterator[ArrayLexicon]:
    """Open the lexicon of documents that are their words, the most popular first."""
    vocabulary = Vocabulary()
    for document in documents:
        vocabulary.add(document.split())
    rows = np.arange(1, len(documents) + 1)
    vocabulary.write(path, rows.astype(np.uint64), rows)
    with open_arrays(path) as arrays:
        yield ArrayLexicon(arrays, spread=1)


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArrayLexicon]:
    """Return the lexicon of invented words, each of a document of its own."""
    with lexicon_of(WORDS, tmp_path_factory.mktemp("lexicon") / "lexicon.bin") as opened:
        yield opened


def test_it_knows_words_and_no_others(lexicon: ArrayLexicon) -> None:
    """A word has the position of the first document that has it; others have none."""
    assert [lexicon.position(word) for word in WORDS] == list(range(1, len(WORDS) + 1))
    assert {lexicon.count(word) for word in WORDS} == {1}
    assert [(lexicon.position(word), lexicon.count(word)) for word in ("", "lant", "zzz", "月")] == [(0, 0)] * 4


def test_it_knows_beginnings(lexicon: ArrayLexicon) -> None:
    """Whatever a word begins with is a beginning."""
    assert all(lexicon.begins(word[:length]) for word in WORDS for length in range(1, len(word) + 1))
    assert not any(lexicon.begins(text) for text in ("lanx", "zzz", "月"))


@given(word=st.text("lanternmorivé", min_size=4, max_size=12), edits=st.integers(1, 2))
def test_near_words_are_all_that_are_near(lexicon: ArrayLexicon, word: str, edits: int) -> None:
    """One edit finds every word of at least three letters, two edits every word of seven and more."""
    at_least = (3, 7)[edits - 1]
    expected = [
        Near(edits, place, known)
        for place, known in enumerate(WORDS, start=1)
        if len(known) >= at_least and known.isalpha() and distance(word, known, edits) == edits
    ]
    found = lexicon.near(word, edits, unfinished=False)
    assert [near for near in found if len(near.text) >= at_least] == expected


@given(word=st.text("lanternmorivé", min_size=4, max_size=8))
def test_an_unfinished_word_is_near_beginnings(lexicon: ArrayLexicon, word: str) -> None:
    """What differs by a letter from a beginning of four to nine letters is found with the word's best position."""
    found = {near.text: near.position for near in lexicon.near(word, 1, unfinished=True)}
    for place, known in reversed(list(enumerate(WORDS, start=1))):
        for beginning in {known[:length] for length in range(4, min(len(known), LETTERS) + 1)}:
            if known.isalpha() and distance(word, beginning, 1) == 1:
                assert found[beginning] <= place


def test_a_word_in_many_documents_is_counted(tmp_path: Path) -> None:
    """The count is of documents, the position that of the most popular."""
    with lexicon_of(["moon", "river lantern", "lantern", "lantern"], tmp_path / "lexicon.bin") as lexicon:
        assert (lexicon.position("lantern"), lexicon.count("lantern")) == (2, 3)
        assert lexicon.near("lantren", 1, unfinished=False) == [Near(1, 2, "lantern")]


def test_an_empty_index_has_an_empty_lexicon(tmp_path: Path) -> None:
    """Nothing is known and nothing near."""
    with lexicon_of([], tmp_path / "lexicon.bin") as lexicon:
        assert (lexicon.position("moon"), lexicon.begins("m"), lexicon.near("moonlight", 2, unfinished=True)) == (
            0,
            False,
            [],
        )


def test_numbers_are_not_misspelt(tmp_path: Path) -> None:
    """A year is no slip of the finger for another."""
    with lexicon_of(["1984", "1985"], tmp_path / "lexicon.bin") as lexicon:
        assert lexicon.near("1986", 1, unfinished=False) == []


@given(
    words=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12), min_size=1),
    most=st.integers(0, 2),
)
def test_deletions_of_many_are_those_of_each(words: list[str], most: int) -> None:
    """What is computed for all words at once is what is computed for one when it is looked up."""
    each = {(number, place) for place, word in enumerate(words) for number in deletions(word, most)}
    assert {
        (number, place)
        for numbers, places in deletions_of_all(words, most)
        for number, place in zip(numbers.tolist(), places.tolist(), strict=True)
    } == each


def test_deletions_are_the_numbers_of_shorter_texts() -> None:
    """A text without a letter has the number of the text that is left."""
    texts = {"lantern"[:place] + "lantern"[place + 1 :] for place in range(7)}
    assert set(deletions("lantern", 1)) == {deletions(text, 0)[0] for text in (*texts, "lantern")}
    assert set(deletions("abc", 2)) == {deletions(text, 0)[0] for text in ("abc", "ab", "ac", "bc", "a", "b", "c")}
