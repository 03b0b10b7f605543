"""Folding and tokens: what people type and what titles say become the same words."""

# ruff: noqa: RUF001 - characters that look alike are what is tested

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.search.domain.query import Query
from services.search.domain.words.normalise import (
    KANA_VOICING,
    MAX_INDEX_TOKENS,
    MAX_QUERY_TOKENS,
    composed,
    fold,
    index_tokens,
    query_tokens,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Also what is no text: lone surrogates, unassigned and private characters."""


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Paper  Moons", "paper moons"),
        ("ÉTOILE lumière", "etoile lumiere"),
        ("Straße", "strasse"),
        ("Ødegård Łódź Đorđe Þór æon œuvre", "odegard lodz dorde thor aeon oeuvre"),
        ("Ɓaƙo ŧħ ɛwɔ", "bako th ewo"),
        ("ISTANBUL İstanbul ıstanbul", "istanbul istanbul istanbul"),
        ("don't don’t don´t", "dont dont dont"),
        ("Sons & Daughters", "sons and daughters"),
        ("A$TRO Ca$$ $unday", "astro cass sunday"),
        ("$5 bill, 5$", "5 bill 5"),
        ("P!nk !Yo! Wait! M@rs me @ home", "pink yo wait mars me home"),
        ("Salt + Ember 2+2", "salt and ember 2 2"),
        ("R.E.D. N.E.W B.B. Moon A.J.'s", "red new bb moon ajs"),
        ("J.Moon No.1 Will.o.wisp", "j moon no 1 will o wisp"),
        ("ＦＵＬＬ ｗｉｄｔｈ １２", "full width 12"),
        ("ΦΕΓΓΆΡΙΑΣ", "φεγγαριασ"),
        ("Ёлка Й", "елка и"),
        ("قَمَر قمـــر ٢١", "قمر قمر 21"),
        ("یک سایهٔ آبى", "يك سايه ابي"),
        ("יָרֵחַ", "ירח"),
        ("चाँद हिन्दी", "चाँद हिनदी"),
        ("co\u00adop\u200bera \u202eleft", "coopera left"),
        ("🌙 ❤️ !!!", ""),
        ("\ud800 \x00", ""),
    ],
)
def test_fold_makes_spellings_one(typed: str, folded: str) -> None:
    """Cases, accents, compatible forms, special letters and invisible marks make no difference."""
    assert fold(typed) == folded


def test_a_voicing_mark_makes_another_kana() -> None:
    """Japanese voicing is no accent, in any of its encodings."""
    assert fold("か") != fold("が")
    assert fold("ｶﾞ") == fold("ガ") == fold("カ\u3099")


def test_katakana_is_found_at_each_stage_of_typing() -> None:
    """A Japanese keyboard shows hiragana until the word is done."""
    assert fold("つきヴぉっー") == fold("ツキヴォッー")


def test_a_korean_syllable_is_found_at_each_stage_of_typing() -> None:
    """What a Korean keyboard shows before a syllable is done is a prefix of the word."""
    stages = ("ㄷ", "다", "달", "달ㅂ", "달비", "달빛")
    assert all(fold("달빛").startswith(fold(stage)) for stage in stages)
    assert fold("하나").startswith(fold("한"))


@pytest.mark.parametrize(
    ("text", "asked", "held"),
    [
        ("Paper Moons", ["paper", "moons"], ["paper", "moons"]),
        ("月", ["月"], ["月"]),
        ("月光曲", ["月光", "光曲"], ["月光", "光曲", "月", "光", "曲"]),
        ("ガラス", ["がら", "らす"], ["がら", "らす", "が", "ら", "す"]),
        ("moon月光", ["moon", "月光"], ["moon", "月光", "月", "光"]),
        ("달빛", [fold("달빛")], [fold("달빛")]),
        ("", [], []),
    ],
)
def test_tokens_are_words_or_pairs_of_characters(text: str, asked: list[str], held: list[str]) -> None:
    """Scripts without spaces are asked for in pairs; the index holds single characters too."""
    assert list(query_tokens(fold(text))) == asked
    assert index_tokens(fold(text)) == held


def test_every_character_folds_to_letters_and_digits_for_good() -> None:
    """Whatever single character is typed, folding it again changes nothing and no control or separator is left."""
    for code in range(0x3_0000):
        folded = fold(chr(code))
        assert fold(folded) == folded
        assert not {unicodedata.category(char)[0] for char in folded} - {"L", "N", "M", "Z"}


@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    """A folded text is its own folded form."""
    assert fold(fold(text)) == fold(text)


def test_korean_is_composed_as_it_is_written() -> None:
    """Every syllable is itself again, also where the next one begins with what might have ended it."""
    syllables = [chr(code) for code in range(ord("가"), ord("힣") + 1)]
    for text in ("".join(syllables), "아".join(syllables), "가 ".join(syllables)):
        assert composed(fold(text)) == text


@given(ANY_TEXT)
def test_composed_words_are_the_same_words(text: str) -> None:
    """What is shown of folded words is found as they are."""
    assert fold(composed(fold(text))) == fold(text)


@given(ANY_TEXT)
def test_folded_text_can_be_written_as_utf8_without_specials(text: str) -> None:
    """No quote, NUL or lone surrogate gets through to the index."""
    folded = fold(text)
    assert folded.encode().decode() == folded
    assert all(char.isalnum() or char == " " for char in folded if char.isascii())


@given(st.text(st.characters(exclude_categories=()), max_size=2_000))
def test_a_query_is_bounded(text: str) -> None:
    """However much is typed, a query has a bounded number of tokens of bounded size."""
    query = Query.of(text)
    assert len(query.tokens) <= MAX_QUERY_TOKENS
    assert len(query.text) <= 200 * 18 + 200  # Unicode's longest compatible form has 18 characters


@pytest.mark.parametrize("text", ["a " * 10_000, "月" * 10_000, "월" * 10_000, "ﷺ" * 10_000])
def test_what_the_index_holds_of_a_text_is_bounded(text: str) -> None:
    """A hostile title costs no more than a long one."""
    assert len(index_tokens(fold(text))) <= MAX_INDEX_TOKENS
    assert set(query_tokens(fold(text))) <= set(index_tokens(fold(text)))


@given(ANY_TEXT)
def test_a_title_is_found_by_itself(title: str) -> None:
    """The tokens of a query that is a whole title are all among the tokens that the index holds of it."""
    folded = fold(title)
    assert set(query_tokens(folded)) <= set(index_tokens(folded))


@given(ANY_TEXT, st.data())
def test_a_title_is_found_by_its_beginning(title: str, data: st.DataObject) -> None:
    """A title cut anywhere still has its whole tokens in the index, and its last as the beginning of one."""
    folded = fold(title)
    end = data.draw(st.integers(0, len(folded)))
    assume(folded[end : end + 1] not in {*KANA_VOICING})  # before its mark, it is another kana
    cut = folded[:end].strip()
    if tokens := query_tokens(cut):
        held = index_tokens(folded)
        assert set(tokens[:-1]) <= set(held)
        assert any(token.startswith(tokens[-1]) for token in held)
