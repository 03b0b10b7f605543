"""The queries made by hand: enough of each class, each of them answerable, a third of them as they first were."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.corpora import music_routes_corpus
from benchmarks.engines import Hit
from benchmarks.relevance.entries import Entry, entries
from benchmarks.relevance.hand import FOLDER, SETS, Line, hand_made, lines
from services.search.domain.document import Kind

FROZEN_SHA256 = "9d4cb79d1f659cf63eb0612baef99dd07c8c9d2233ffe059eea9eaf57fb7a7f8"
MUSIC_ROUTES = os.environ.get("MUSIC_ROUTES", "")  # noqa: TID251 - where the tests, not a service, find a catalogue
CATALOGUE = (
    Entry(Hit(Kind.ARTIST, "1"), "Paper Móon", ("PM",), (), "", 9),
    Entry(Hit(Kind.TRACK, "1"), "Tide", (), ("Paper Móon", "Ana"), "Paper Móon & Ana", 9),
    Entry(Hit(Kind.TRACK, "2"), "TIDE!", (), ("Foxes",), "Foxes", 9),
    Entry(Hit(Kind.ALBUM, "1"), "Tide", (), ("Foxes",), "Foxes", 9),
)


def accepted(meant: str) -> set[Hit]:
    """Return what a case with that meaning accepts."""
    ((case,),) = hand_made([Line("group", "tied", meant)], CATALOGUE).values()
    return set(case.accepted)


def test_there_are_enough_and_no_two_are_alike() -> None:
    """There are 330 or more, a third of them frozen, and nothing is typed twice."""
    frozen, opened = (lines(name) for name in SETS)
    assert len(frozen) >= 110
    assert len(frozen) + len(opened) >= 330
    assert len({line.typed for line in [*frozen, *opened]}) == len(frozen) + len(opened)


def test_both_sets_have_the_same_classes() -> None:
    """What is learnt from the open cases is about the same things as the frozen ones."""
    frozen, opened = (Counter(line.group for line in lines(name)) for name in SETS)
    assert frozen.keys() == opened.keys()
    assert len(frozen) == 12
    assert set(frozen.values()) == {10}
    assert set(opened.values()) == {20}


def test_the_frozen_cases_are_as_they_first_were() -> None:
    """The frozen set is never fitted to what the ranker can do."""
    assert hashlib.sha256((FOLDER / "frozen.tsv").read_bytes()).hexdigest() == FROZEN_SHA256


def test_every_case_means_something_in_the_catalogue(require: Callable[[str, bool], None]) -> None:
    """Each meaning of each case names at least one item of music-routes."""
    require("music-routes", bool(MUSIC_ROUTES))
    catalogue = list(entries(music_routes_corpus(Path(MUSIC_ROUTES)).items()))
    written = [line for name in SETS for line in lines(name)]
    assert sum(map(len, hand_made(written, catalogue).values())) == len(written)


def test_a_title_alone_means_any_track_of_that_title() -> None:
    """Letters and digits decide, whoever the track is by; an album of that title is something else."""
    assert accepted("track tide") == {Hit(Kind.TRACK, "1"), Hit(Kind.TRACK, "2")}


def test_a_title_with_an_artist_means_that_artist_s() -> None:
    """Any artist that a track is credited to may be named, not the first alone."""
    assert accepted("track Tide ~ Ana") == {Hit(Kind.TRACK, "1")}


def test_an_artist_may_be_named_by_an_alias() -> None:
    """What the catalogue calls an artist beside the name is as good."""
    assert accepted("artist PM") == {Hit(Kind.ARTIST, "1")}


def test_several_meanings_are_all_accepted() -> None:
    """Where a query can mean two things, either is an answer."""
    assert accepted("track Tide ~ Foxes; album Tide") == {Hit(Kind.TRACK, "2"), Hit(Kind.ALBUM, "1")}


@pytest.mark.parametrize("meant", ["artist Paper Moon", "track Tide ~ Nobody", "album Tide ~ Ana", "tack Tide"])
def test_a_case_that_means_nothing_is_refused(meant: str) -> None:
    """A misspelt meaning fails the run instead of counting as a query that no engine can answer."""
    with pytest.raises(LookupError, match="The catalogue has no"):
        accepted(meant)
