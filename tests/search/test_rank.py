"""The ranker: what a person means stands above what merely has the words."""

from collections.abc import Callable, Sequence

import pytest

from services.search.domain.candidates.candidate import EXPLICIT, LOCAL, Candidate
from services.search.domain.candidates.reading import Reading, Word
from services.search.domain.document import Kind
from services.search.domain.query import Query
from services.search.domain.ranking.rank import RANKERS, Ranker
from services.search.domain.words.normalise import fold

Make = Callable[..., Candidate]
RANKER = RANKERS["match-and-popularity"]


def candidate(title: str, popularity: int, kind: Kind = Kind.TRACK, artists: str = "") -> Candidate:
    """Return a candidate."""
    return Candidate.of(1, kind, fold(title), fold(artists), popularity)


def ranked_by(ranker: Ranker, typed: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates in the ranker's order."""
    query = Query.of(typed)
    scores = ranker.scores(Reading.literal(query.text, query.tokens), candidates)
    by_score = sorted(zip(scores, candidates, strict=True), key=lambda scored: -scored[0])
    return [candidate for _, candidate in by_score]


def order(typed: str, *candidates: Candidate) -> list[str]:
    """Return the folded titles of the candidates in the ranker's order, given to it by popularity."""
    by_popularity = sorted(candidates, key=lambda candidate: -candidate.popularity)
    return [ranked.title for ranked in ranked_by(RANKER, typed, by_popularity)]


@pytest.mark.parametrize("typed", ["paper lant", "paper lanterns", "lanterns paper"])
def test_a_title_beats_a_more_popular_artist_of_that_name(typed: str) -> None:
    """Words found in the title count for more than words found in the artist's name."""
    song = candidate("Paper Lanterns", 100)
    other = candidate("Sixty Rivers", 300, artists="Paper Lanterns")
    assert order(typed, song, other) == ["paper lanterns", "sixty rivers"]


def test_the_whole_title_beats_a_longer_one() -> None:
    """What is the query exactly stands above what begins with it, at equal and even at greater popularity."""
    assert order("river", candidate("Riverside Moons", 200), candidate("River", 100)) == ["river", "riverside moons"]


def test_a_title_that_begins_so_beats_one_that_has_the_words() -> None:
    """People type from the beginning."""
    assert order("moon", candidate("A Paper Moon", 150), candidate("Moon of Paper", 100))[0] == "moon of paper"


def test_a_word_said_often_counts_once() -> None:
    """A title is covered at most wholly, however often its word is typed."""
    more_popular = candidate("Moon Moon Lanterns", 300)
    assert order("moon moon moon", candidate("Moon", 100), more_popular)[0] == "moon moon lanterns"


def test_a_leading_the_may_be_left_out() -> None:
    """The name is whole without its article."""
    lanterns = candidate("The Lanterns", 100, Kind.ARTIST)
    assert order("lanterns", candidate("Lanterns of Paper", 150), lanterns)[0] == "the lanterns"


def test_artist_then_album_then_track_of_one_name() -> None:
    """A self-titled album stands below its artist and above its title track."""
    track, album = candidate("Nightbus", 100, Kind.TRACK), candidate("Nightbus", 100, Kind.ALBUM)
    artist = Candidate.of(3, Kind.ARTIST, "nightbus", "", 100)
    ranked = ranked_by(RANKER, "nightbus", [track, album, artist])
    assert [item.kind for item in ranked] == [Kind.ARTIST, Kind.ALBUM, Kind.TRACK]


def test_an_obscure_artist_does_not_beat_a_famous_track() -> None:
    """The kind counts for little beside great popularity."""
    famous = candidate("Halcyon", 400_000_000)
    obscure = Candidate.of(2, Kind.ARTIST, "halcyon", "", 900)
    assert ranked_by(RANKER, "halcyon", [famous, obscure])[0] is famous


def test_great_popularity_beats_a_whole_title() -> None:
    """While one types, a beginning of something famous is meant sooner than something obscure."""
    assert order("riv", candidate("Riv", 3), candidate("River of Moons", 50_000_000))[0] == "river of moons"


def test_equals_keep_the_order_of_popularity() -> None:
    """Nothing is shuffled without a reason."""
    same = [Candidate.of(place, Kind.TRACK, "moon", "", 5) for place in range(1, 20)]
    assert ranked_by(RANKER, "moon", same) == same


@pytest.mark.parametrize("name", RANKERS)
def test_a_ranker_returns_what_it_was_given(name: str) -> None:
    """Every ranker orders; none adds, drops or needs a title."""
    given = [candidate("", 0), candidate("Moon", 0, Kind.ARTIST), candidate("月光", 2**63 - 1, Kind.ALBUM)]
    assert sorted(ranked_by(RANKERS[name], "moon 月", given)) == sorted(given)
    assert ranked_by(RANKERS[name], "moon", []) == []


def test_title_and_artist_together_beat_a_title_that_has_it_all_by_chance() -> None:
    """Where the words are a title and its artist, that is what is meant."""
    meant = candidate("Halcyon", 100, artists="Nightbus")
    chance = candidate("Halcyon Days of a Nightbus Driver in Winter", 150)
    assert order("halcyon nightbus", meant, chance)[0] == "halcyon"
    assert order("nightbus halcyon", meant, chance)[0] == "halcyon"


def scores(reading: Reading, *candidates: Candidate, prefer_clean: bool = False) -> list[float]:
    """Return what the default ranker thinks of candidates."""
    return RANKER.scores(reading, candidates, prefer_clean=prefer_clean)


def test_each_changed_letter_counts_against_a_candidate() -> None:
    """A wording nearer to what was typed stands above one that is farther, unless that is far better known."""
    reading = Reading("moon", ((Word("moon", 1, begins=True), Word("moss", 2, begins=True)),))
    near, far = scores(reading, candidate("Moon", 100), candidate("Moss", 100))
    assert near > far
    near, famous = scores(reading, candidate("Moon", 100), candidate("Moss", 10**9))
    assert famous > near


def test_what_lacks_fewer_letters_stands_higher() -> None:
    """Where not all words had to be found, it counts how much of them was."""
    reading = Reading("paper lanterns river", ((Word("paper"),), (Word("lanterns"),), (Word("river"),)), 1, (0, 1, 2))
    most, little = scores(reading, candidate("Paper Lanterns", 100), candidate("River", 10_000))
    assert most > little


def test_explicit_stands_behind_the_same_without_the_mark_where_that_is_preferred() -> None:
    """The wish moves what is marked, and only where it is made."""
    reading = Reading.literal("moon", ("moon",))
    marked, clean = candidate("Moon", 1_000)._replace(traits=Kind.TRACK | EXPLICIT), candidate("Moon", 100)
    before = scores(reading, marked, clean)
    wished = scores(reading, marked, clean, prefer_clean=True)
    assert before[0] > before[1]
    assert wished[0] < wished[1] == before[1]


def test_what_is_only_played_here_stands_a_little_higher() -> None:
    """Of two alike, the one of this market comes first."""
    reading = Reading.literal("moon", ("moon",))
    local, everywhere = scores(
        reading, candidate("Moon", 100)._replace(traits=Kind.TRACK | LOCAL), candidate("Moon", 100)
    )
    assert local > everywhere


def test_rankers_differ() -> None:
    """An experiment has something to choose: how much popularity weighs against the words."""
    famous, literal = candidate("Riverside Moons", 10**8), candidate("River", 10**6)
    first = {name: ranked_by(ranker, "river", [famous, literal])[0] for name, ranker in RANKERS.items()}
    assert first == {"match-and-popularity": famous, "match-first": literal}
