"""Highlights: what was looked for is marked in the text as it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.words.compounds import compounds
from services.search.domain.words.highlight import highlighted
from services.search.domain.words.normalise import MAX_QUERY_TOKENS, fold, query_tokens
from services.search.domain.words.romanise import latin
from services.search.domain.words.synonyms import SYNONYMS

ANY_TEXT = st.text(st.characters(exclude_categories=()))
TITLES = st.lists(
    st.sampled_from(["Paper", "Don't", "R.E.D.", "Straße", "&", "ガラス", "か", "月光曲", "달빛", "A$TRO", "¡Sí!", "2"])
    | st.text(st.characters(codec="utf-8"), max_size=6)
).map(" ".join)
"""Titles whose folding changes their length, and any others."""


def marked(shown: str, typed: str) -> str:
    """Return the text with brackets around what a query highlights."""
    for start, end in reversed(highlighted(shown, query_tokens(fold(typed)))):
        shown = f"{shown[:start]}[{shown[start:end]}]{shown[end:]}"
    return shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("moons pap", "[Pap]er [Moons] of [Pap]erland"),
        ("paper", "[Paper] Moon, [paper] sun, cardboard, [Paper]s"),
        ("paper sun", "[Paper] moon, [sun], [sun]ny paperboy"),
        ("oon", "Paper Moon"),
        ("dont", "[Don't] Stop"),
        ("strasse", "[Straße] aus Glas"),
        ("stras", "[Straß]e aus Glas"),
        ("cafe", "[Cafe\u0301] Lune"),
        ("f", "[ﬁ]re [ﬂ]y"),
        ("salt and e", "[Salt] [&] [E]mber"),
        ("red", "[R.E.D]. Moon"),
        ("astro", "[A$TRO]"),
        ("달ㅂ", "[달빛] 소나타"),
        ("月光", "[月光]曲と月"),
        ("月光曲", "[月光曲]と月"),
        ("月", "[月]光曲と[月]"),
        ("がら", "カラス、[ガラ]ス"),
        ("か", "[か]がみ"),
        ("moon 月", "[moon月]光"),
        ("part 2", "[Part] [II] [Two] (Live)"),
        ("katyusha lun", "[Катюша] и [Луна]"),
        ("cvety", "[Цветы]"),
        ("abcd live", "[AB/CD] - [Live]"),
        ("r e d", "[R.E.D.] Moon"),
        ("etoile", "[L'étoile] filante"),
        ("letoile", "[L'étoile] filante"),
        ("l", "[L]'étoile"),
        ("", "Paper Moon"),
        ("paper", ""),
    ],
)
def test_what_was_looked_for_is_marked(typed: str, shown: str) -> None:
    """Whole words, the beginnings that the last word has, and no more, in the letters of the shown text."""
    plain = shown.replace("[", "").replace("]", "")
    assert marked(plain, typed) == shown


@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=20))
def test_ranges_are_in_order_apart_and_within_the_text(shown: str, words: list[str]) -> None:
    """Whatever is shown and looked for, the ranges can be cut from the text one after another."""
    places = [place for start_end in highlighted(shown, words) for place in start_end]
    assert places == sorted(set(places))
    assert all(0 <= place <= len(shown) for place in places)


@given(TITLES)
def test_a_title_highlights_itself(title: str) -> None:
    """Who types a whole title sees all of its letters marked."""
    tokens = query_tokens(fold(title))
    if len(tokens) < MAX_QUERY_TOKENS:
        covered = {place for start, end in highlighted(title, tokens) for place in range(start, end)}
        assert not [char for place, char in enumerate(title) if place not in covered and fold(char)]


@given(TITLES, TITLES)
def test_nothing_else_is_highlighted(title: str, typed: str) -> None:
    """What is marked is a word that was typed, or one that begins with the last, or holds its last letter."""
    words = [token for token in query_tokens(fold(typed)) if token not in SYNONYMS]
    for start, end in highlighted(title, words):
        others = f"{latin(title[start:end]) or ''} {compounds(title[start:end]) or ''}"
        pieces = [*query_tokens(fold(title[start:end])), *others.split()]
        assert any(piece.startswith(word) or words[-1].startswith(piece) for word in words for piece in pieces)
