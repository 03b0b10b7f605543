"""Compounds: a word with a hyphen, an apostrophe or dots is found joined and apart."""

# ruff: noqa: RUF001 - characters that look alike are what is tested

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.words.compounds import compounds
from services.search.domain.words.normalise import fold, query_tokens


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Jay-Zee", "jayzee"),
        ("Jay-Zee", "jay zee"),
        ("AB/CD", "abcd"),
        ("AB/CD", "ab cd"),
        ("Sail-N-Pepper", "sailnpepper"),
        ("Run-D.N.C.", "rundnc"),
        ("Run-D.N.C.", "run dnc"),
        ("Run-D.N.C.", "run d n c"),
        ("L'étoile", "letoile"),
        ("L’étoile", "etoile"),
        ("Moira O'Harrow", "o harrow"),
        ("Qu'importe", "importe"),
        ("I'm", "i m"),
    ],
)
def test_a_compound_is_found_joined_and_apart(title: str, typed: str) -> None:
    """Who leaves out the sign, or types a space for it, or only the word after it, finds the title."""
    assert set(query_tokens(fold(typed))) <= set(f"{fold(title)} {compounds(title)}".split())


@pytest.mark.parametrize(
    "title", ["", "Paper Moons", "Paper Moons - Live", "Paper/Scissors", "Don't", "-", "月-", "No.1"]
)
def test_other_words_have_one_form(title: str) -> None:
    """Nothing is held for words that nobody takes apart."""
    assert compounds(title) is None


@given(st.text(st.characters(exclude_categories=()) | st.sampled_from("aB'-./’月 "), max_size=300))
def test_any_text_has_bounded_folded_compounds(text: str) -> None:
    """Whatever a title holds, the other forms are plain words and not much longer than it is."""
    other = compounds(text) or ""
    assert fold(other) == other
    assert len(other) <= 3 * (len(fold(text)) + len(text))
