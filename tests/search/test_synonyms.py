"""Synonyms: a number in digits finds the word, and the word the digits."""

import pytest

from services.search.domain.words.normalise import fold, query_tokens
from services.search.domain.words.synonyms import SYNONYMS


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("10th", {"tenth"}),
        ("tenth", {"10th"}),
        ("1st", {"first"}),
        ("2", {"two", "ii"}),
        ("iv", {"4", "four"}),
        ("fifty", {"50"}),
        ("12th", {"twelfth"}),
        ("n", {"and"}),
        ("ft", {"feat", "featuring"}),
        ("moon", set()),
        ("i", set()),
    ],
)
def test_numbers_and_abbreviations_have_other_spellings(word: str, others: set[str]) -> None:
    """Digits, words and Roman numerals are one number; a word without another spelling has none."""
    assert set(SYNONYMS.get(word, ())) == others


def test_synonyms_go_both_ways() -> None:
    """Whichever way a title is written, the other way finds it."""
    for word, others in SYNONYMS.items():
        assert 1 <= len(others) <= 2
        for other in others:
            assert word in SYNONYMS[other]
            assert set(SYNONYMS[other]) - {word} == set(others) - {other}


def test_synonyms_are_tokens() -> None:
    """Each is asked for as it is."""
    assert all(query_tokens(fold(word)) == (word,) for word in SYNONYMS)
