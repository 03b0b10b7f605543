"""Romanisation: names in Cyrillic, Greek and kana are found as they are typed in Latin letters."""

# ruff: noqa: RUF001 - characters that look alike are what is tested

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.words.normalise import fold
from services.search.domain.words.romanise import latin

ROMANISED = st.text(
    st.characters(min_codepoint=0x370, max_codepoint=0x52F) | st.characters(min_codepoint=0x3041, max_codepoint=0x30FF)
)
"""Greek and Cyrillic, or kana."""


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Ночной Туман", "nochnoy tuman"),
        ("Ночной Туман", "nochnoi tuman"),
        ("Тихая Площадь", "tikhaya ploshchad"),
        ("Тихая Площадь", "tihaia ploschad"),
        ("Цветы", "tsvety"),
        ("Цветы", "cvety"),
        ("Ёлка и ёж", "yolka i yozh"),
        ("Ёлка и ёж", "elka i ezh"),
        ("Зимний", "zimny"),
        ("Юлия Ясная", "yuliya yasnaya"),
        ("Юлия Ясная", "julia jasnaia"),
        ("объект за́мка", "obekt zamka"),
        ("Вокзал Ксении", "vokzal xenii"),
        ("В'язень Гір", "vyazen hir"),
        ("Єдина Їжа", "yedyna izha"),
        ("Ђорђева Њива и Џеп", "djordjeva njiva i dzep"),
        ("Жеља и Чаша", "zelja i casa"),
        ("Звън", "zvan"),
    ],
)
def test_cyrillic_is_found_in_latin_letters(name: str, typed: str) -> None:
    """Russian, Ukrainian, Serbian and Bulgarian, in the spelling of passports and in that of haste."""
    assert set(typed.split()) <= set((latin(name) or "").split())


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Ουρανός", "ouranos"),
        ("Οὐρανὸς", "ouranos"),
        ("ΑΥΡΙΟ αυτός", "avrio aftos"),
        ("Χίλιες Ψυχές", "chilies psyches"),
        ("Χίλιες Ψυχές", "hilies psihes"),
        ("Μπαλκόνι", "balkoni"),
        ("Ντέφι", "defi"),
        ("Άγγελος", "angelos"),
        ("Άγγελος", "agelos"),
        ("Μάιος", "maios"),
        ("Άυλος", "aylos"),
    ],
)
def test_greek_is_found_in_latin_letters(name: str, typed: str) -> None:
    """Diphthongs and double consonants are one sound, unless an accent parts them."""
    assert set(typed.split()) <= set((latin(name) or "").split())


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("しゃしん", "shashin"),
        ("ちょうちょ", "choucho chocho"),
        ("きっと", "kitto"),
        ("マッチ", "matchi"),
        ("ラーメン", "ramen"),
        ("ﾗｰﾒﾝ", "ramen"),
        ("がっこう", "gakkou"),
        ("がっこう", "gakko"),
        ("ジェット", "jetto"),
        ("パーティー", "pati"),
        ("ウィンター", "winta"),
        ("フォーク", "foku"),
        ("クォーツ", "kwotsu"),
        ("かぁ", "ka"),
        ("ヷヴ", "vavu"),
        ("ボートのうた", "boto no uta"),
        ("キラキラひかる", "kirakira hikaru"),
        ("っ、ー、ゃ", "ya"),
    ],
)
def test_kana_is_found_in_latin_letters(name: str, typed: str) -> None:
    """In Hepburn's letters, long vowels written out or not; words end where katakana and hiragana meet."""
    assert set(typed.split()) <= set((latin(name) or "").split())


@pytest.mark.parametrize("text", ["", "Paper Moons", "Straße", "月光", "月の光", "달빛", "ירח", "—!"])
def test_other_texts_are_left_alone(text: str) -> None:
    """Latin letters need nothing, and the reading of Chinese characters, with kana between them, is unknown."""
    assert latin(text) is None


def test_only_the_words_in_these_scripts_are_returned() -> None:
    """The others are in the index already."""
    assert latin("Луна (feat. Harrow) 月 ツキ") == "luna tsuki"


@given(st.text(st.characters(exclude_categories=())) | ROMANISED)
def test_any_text_gets_bounded_folded_latin(text: str) -> None:
    """Whatever a title holds, its romanisation is plain words, in two spellings at most, and not much longer."""
    spelt = latin(text) or ""
    assert fold(spelt) == spelt
    assert spelt.isascii()
    assert len(spelt) <= 2 * 6 * 18 * len(text)
