"""The queries made by seed: what is typed has to do with what is meant, and the judge is fair."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.corpora import generated_corpus
from benchmarks.engines import Hit
from benchmarks.relevance.cases import Cases, Clean
from benchmarks.relevance.edits import NEIGHBOURS, SLIPS, misspelt
from benchmarks.relevance.entries import Entry, entries, plain
from benchmarks.relevance.oracle import Oracle
from benchmarks.relevance.phrases import CLASSES, FURTHER_CLASSES, words
from benchmarks.relevance.scripts import ascii_typed, is_foreign, is_latin, latin_typed
from benchmarks.relevance.seeded import seeded
from services.search.domain.document import Kind

QUERIES = 40


@pytest.fixture(scope="module")
def catalogue() -> list[Entry]:
    """Return the smallest invented catalogue."""
    return list(entries(generated_corpus("10k").items()))


@pytest.fixture(scope="module")
def cases(catalogue: list[Entry]) -> Cases:
    """Return a few queries of each class."""
    return seeded(catalogue, QUERIES)


def track(key: str, title: str, artist: str, popularity: int) -> Entry:
    """Return a track."""
    return Entry(Hit(Kind.TRACK, key), title, (), (artist,), artist, popularity)


@given(st.text("abcdefghijklmnopqrstuvwxyzéø", min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_a_slip_changes_a_word_a_little(word: str, chance: Random) -> None:
    """A misspelt word is another word, of almost the same letters."""
    if len(set(word)) > 1:
        typed = misspelt(word, chance)
        assert typed != word
        assert abs(len(typed) - len(word)) <= 1
        assert len(set(typed) - set(word)) <= 1


def test_all_kinds_of_slips_occur() -> None:
    """Keys are hit twice or not at all, others than meant, or in the wrong order."""
    chance = Random(1)  # noqa: S311 - must repeat
    made = {misspelt("lantern", chance) for _ in range(200)}
    assert {"lantrn", "lnatern"} <= made
    assert {len(word) for word in made} == {6, 7, 8}
    assert len(SLIPS) == 4


def test_neighbouring_keys_are_so_both_ways() -> None:
    """Of two keys side by side, each is hit for the other."""
    assert all(key in NEIGHBOURS[other] for key, others in NEIGHBOURS.items() for other in others)
    assert set(NEIGHBOURS["a"]) == set("qwszx")


def test_words_are_typed_without_what_stands_between_them() -> None:
    """Small letters, no brackets; apostrophes and the marks of Thai and Devanagari belong to their words."""
    assert words("Don't Go (feat. Ana) - Demo") == ["don't", "go", "feat", "ana", "demo"]
    assert words("ค่ำคืน चाँद") == ["ค่ำคืน", "चाँद"]


def test_letters_beyond_a_to_z_are_typed_without_their_marks() -> None:
    """A keyboard has no marks: what has none of them is typed as it is."""
    assert ascii_typed("Straße Łódź Ñoño Ørn") == "strasse lodz nono orn"
    assert ascii_typed("ガラス") == "ガラス"


def test_other_scripts_are_typed_in_latin_letters() -> None:
    """Cyrillic, Greek and kana have a spelling that people type; anything else has none."""
    assert latin_typed("Ночь под дождём") == "noch pod dozhdem"
    assert latin_typed("Ουρανός") == "ouranos"
    assert latin_typed("メロディ しゃ") == "merodi sha"
    assert latin_typed("月光") is None
    assert latin_typed("Луна live") is None


def test_scripts_are_told_apart() -> None:
    """A mixture is neither Latin nor foreign, and so is what has no letters."""
    assert [is_latin("Zoë 2"), is_latin("Луна b"), is_latin("12")] == [True, False, False]
    assert [is_foreign("Луна 2"), is_foreign("Луна b"), is_foreign("12")] == [True, False, False]


def test_each_class_has_its_queries(cases: Cases) -> None:
    """Twelve classes that count and a further one, each with as many queries as wanted."""
    assert len(CLASSES) == 12
    assert {name: len(some) for name, some in cases.items()} == dict.fromkeys(CLASSES | FURTHER_CLASSES, QUERIES)


def test_the_same_queries_are_made_again(catalogue: list[Entry], cases: Cases) -> None:
    """Figures of two runs are of the same queries."""
    assert seeded(catalogue, QUERIES) == cases


def test_a_class_that_a_catalogue_cannot_give_is_refused() -> None:
    """A catalogue without other scripts ends the making of queries instead of hanging it."""
    with pytest.raises(LookupError, match="non_latin"):
        seeded([track("1", "Lantern Tidé", "Foxes Sparrow", 3)], 1)


def test_what_cannot_be_told_apart_is_accepted_too() -> None:
    """A second item of the same title and artist is as good an answer as the one that was drawn."""
    twins = [track("1", "Tidé Lantern", "Foxes", 9), track("2", "tidé lantern!", "FOXES", 1)]
    foreign = [track("3", "Луна Луна", "Лена", 1)]
    (case,) = seeded([*twins, *foreign], 1)["diacritics"]
    assert case.accepted == {twins[0].hit, twins[1].hit}


def test_what_was_meant_would_be_found_by_its_clean_words(catalogue: list[Entry], cases: Cases) -> None:
    """Whatever became of it under somebody's fingers, an accepted item has all the clean words."""
    oracle = Oracle(catalogue)
    for case in (case for some in cases.values() for case in some if len(case.typed) > 3):
        assert not case.accepted.isdisjoint(oracle.search(case.clean, limit=10_000)), case


def test_exact_classes_type_clean_words(cases: Cases) -> None:
    """Nothing is misspelt where nothing should be."""
    for name in ("one_letter", "three_letters", "two_words", "two_words_cut", "title_artist", "artist_title_cut"):
        assert all(tuple(case.typed.split()) == case.clean.words for case in cases[name])


def test_misspelt_classes_change_one_word(cases: Cases) -> None:
    """The other words are as they were meant."""
    for case in (*cases["typo"], *cases["typo_cut"]):
        typed = case.typed.split()
        assert sum(one != other for one, other in zip(typed, case.clean.words, strict=True)) == 1


def test_a_word_that_nothing_has_is_in_the_way(catalogue: list[Entry], cases: Cases) -> None:
    """As typed, a query of this class has no item; without one of its words it has."""
    known = {word for entry in catalogue for name in entry.names for word in words(name)}
    for case in cases["no_hit"]:
        (stranger,) = set(case.typed.split()) - set(case.clean.words)
        assert not any(word.startswith(stranger) for word in known)


def test_pasted_names_hold_title_and_artist(cases: Cases) -> None:
    """A video's name is the item's with much around it."""
    for case in cases["pasted"]:
        assert all(plain(word) in plain(case.typed) for word in case.clean.words)
        assert len(case.typed.split()) > len(case.clean.words)


def test_the_oracle_orders_by_popularity_alone() -> None:
    """Of all that has the words, whole or begun, the most popular comes first."""
    catalogue = [
        track("1", "Tide", "Foxes", 1),
        track("2", "Tides of June", "Foxes", 9),
        track("3", "June Tide", "Sparrow", 5),
        track("4", "海の夜", "ハル", 2),
    ]
    oracle = Oracle(catalogue)

    def found(*clean: str, cut: bool = False) -> list[str]:
        return [hit.id for hit in oracle.search(Clean(clean, cut), limit=2)]

    assert found("tide") == ["3", "1"]
    assert found("tid", cut=True) == ["2", "3"]
    assert found("june", "ti", cut=True) == ["2", "3"]
    assert found("foxes", "tide") == ["1"]
    assert found("夜") == ["4"]
    assert found("夜", "ハ", cut=True) == ["4"]
    assert found("tid") == []
    assert found("absent") == []


@given(
    st.lists(st.lists(st.sampled_from(["tide", "tides", "ti", "夜の海", "海"]), min_size=1, max_size=3), max_size=8),
    st.lists(st.sampled_from(["tide", "t", "夜", "海"]), min_size=1, max_size=2),
    st.booleans(),
)
def test_the_oracle_passes_nothing_over(titles: list[list[str]], clean: list[str], cut: bool) -> None:  # noqa: FBT001 - drawn
    """It finds what one finds who looks at the words of every item."""
    catalogue = [track(str(place), " ".join(title), "Foxes", 9 - place) for place, title in enumerate(titles)]
    spaced = [f" {title} " for title in map(" ".join, titles)]
    needles = [word if word in "夜海" else f" {word} " for word in clean]
    if cut:
        needles[-1] = needles[-1].rstrip()
    looked_at = [str(place) for place, text in enumerate(spaced) if all(needle in text for needle in needles)]
    assert [hit.id for hit in Oracle(catalogue).search(Clean(tuple(clean), cut), limit=20)] == looked_at
