"""Noise: what is pasted from a video site is searched as the title alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.query import Query
from services.search.domain.words.noise import without_noise
from services.search.domain.words.normalise import MAX_QUERY_TOKENS, fold, parted, query_tokens

WORDS = st.sampled_from(
    [
        "paper",
        "moon",
        "video",
        "official",
        "music",
        "lyrics",
        "hd",
        "with",
        "1999",
        "remastered",
        "feat",
        "officia",
        "月光",
    ]
)
"""Words that may or may not be noise."""


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("Harrow - Paper Moons (Official Music Video) [HD]", "harrow paper moons"),
        ("Paper Moons (Official Lyric Video)", "paper moons"),
        ("Paper Moons with lyrics", "paper moons"),
        ("Paper Moons lyrics 4K", "paper moons"),
        ("Paper Moons video", "paper moons"),
        ("Paper Moons (Audio)", "paper moons"),
        ("Paper Moons - Remastered 2011", "paper moons"),
        ("Paper Moons - 2011 Remaster", "paper moons"),
        ("Paper Moons feat. Harrow", "paper moons harrow"),
        ("Paper Moons ft", "paper moons"),
        ("Paper moons officia", "paper moons"),
        ("Luna (Video Oficial)", "luna"),  # codespell:ignore
        ("Луна (Официальный клип)", "луна"),
        ("月光 官方MV", "月光"),
        ("달빛 뮤직비디오", fold("달빛")),
    ],
)
def test_noise_is_dropped(pasted: str, meant: str) -> None:
    """Whatever the language and order of the words around a title, the title remains."""
    assert without_noise(fold(pasted)) == meant


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("Video Harbour (Official Video)", "video harbour"),
        ("Full Moon (Full HD)", "full moon"),
        ("Harrow 1999 official video", "harrow 1999"),
        ("Harrow Music (Official Music Video)", "harrow music"),
        ("Explicit Moons", "explicit moons"),
        ("With You", "with you"),
        ("True Color", "true color"),
        ("The Offi", "the offi"),
        ("Harrow Visual", "harrow visual"),
    ],
)
def test_a_word_is_noise_only_beside_others(pasted: str, meant: str) -> None:
    """Video, music, full and years are words of titles too."""
    assert without_noise(fold(pasted)) == meant


@pytest.mark.parametrize("title", ["Lyrics", "HD", "Official Video", "Video", "Remaster 2011", "ft", ""])
def test_a_query_of_noise_alone_is_left_whole(title: str) -> None:
    """Something is always asked for."""
    assert without_noise(fold(title)) == fold(title)


@given(st.lists(WORDS | st.text(min_size=1), max_size=16).map(" ".join))
def test_only_whole_words_are_dropped(text: str) -> None:
    """Nothing is added, changed or put into another order, and a query never becomes empty."""
    folded = fold(text)
    left = parted(without_noise(folded)).split()
    assert bool(left) == bool(folded)
    remaining = iter(parted(folded).split())
    assert all(word in remaining for word in left)


def test_a_title_without_spaces_stays_whole() -> None:
    """What remains is compared with whole titles, so it is what was typed and not its pairs of characters."""
    query = Query.of("夜の散歩 (Official Video)").without_noise()
    assert query.text == fold("夜の散歩")
    assert query.tokens == query_tokens(query.text)


def test_a_long_query_is_cut_after_its_noise_is_gone() -> None:
    """Noise takes the place of no word."""
    words = " ".join(f"word{number}" for number in range(MAX_QUERY_TOKENS))
    assert Query.of(f"Official Video {words}").without_noise().tokens == Query.of(words).tokens
