"""The open index: exact, filtered, in time, and indifferent to what is typed."""

import random
from collections.abc import Iterator, Sequence
from itertools import count
from math import inf
from sys import maxsize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.candidates.index import SLOTS, Found, Window
from services.search.domain.candidates.index import Index as AnyIndex
from services.search.domain.candidates.reading import Reading, Word
from services.search.domain.document import Document, Kind
from services.search.domain.paging import WINDOW
from services.search.domain.query import Filters, Query
from services.search.domain.words.normalise import fold
from services.search.index.postings import Limits
from services.search.index.reader import open_index
from services.search.index.schema import kind_token
from services.search.index.sqlite_index import SqliteIndex as Index
from tests.search.invented import MARKETS, WORDS
from tests.search.oracle import Oracle, ids
from tests.search.resident import resident_kib

HOSTILE = (
    *('"', '""', "'", '" OR "', 'a" OR "b', "NOT", "a NOT b", "a AND", "OR", "NEAR(a b)", "words : a", "{words} : a"),
    *("*", "a*", "^a", "(", "((a)", "a)", "-a", "+a", "a + b", "--", ";", "'; DROP TABLE document; --", "%", "_", "\\"),
    *("\x00", "a\x00b", "\x1f", "\n\t", "\u202ea\u202c", "\u200f", "\ufeffa", "\ud800", "a\udfffb", "\U0010ffff"),
    *(
        "🌙",
        "👩‍👩‍👧",
        "❤️",
        "ﷺ" * 200,
        "a" * 10_000,
        "a " * 5_000,
        "月" * 10_000,
        "\u0301" * 1_000,
        "\ue001",
        "\ue001 a",
    ),
)
FTS5_ONLY = Limits(words=0, rows=0, common=1)
"""Has nothing that begins alike put in order by us."""
ALL_BITS = Limits(words=0, rows=0, common=maxsize)
"""Has bits for every word and beginning that there is room for."""
ALL_FILTERS = [
    Filters(kinds, market, hide_explicit)
    for kinds in (frozenset(Kind), frozenset({Kind.ARTIST}), frozenset({Kind.ALBUM, Kind.TRACK}))
    for market in ("", "DE", "XX")
    for hide_explicit in (False, True)
]


@pytest.fixture(scope="module")
def each_way(index: Index) -> Iterator[Sequence[Index]]:
    """Return the index as it is, as it would be with many words of each beginning, and with many rows of each word."""
    with (
        open_index(index.generation, lambda: 0.0, FTS5_ONLY) as streamed,
        open_index(index.generation, lambda: 0.0, ALL_BITS) as in_bits,
    ):
        yield index, streamed, in_bits


def find(index: AnyIndex, query: Query, after: int, limit: int, until_s: float = inf) -> Found:
    """Return what an index finds of a query taken literally."""
    reading = Reading.literal(query.text, query.tokens)
    return index.find(reading, query.filters, Window(after, limit, until_s))


def typed_queries(documents: list[Document], seed: int) -> list[str]:
    """Return what people might type for the documents: their words in any order, mixed, cut short, beside nonsense."""
    source = random.Random(seed)  # noqa: S311 - invention, not secrets
    queries = list(WORDS) + [word[:1] for word in WORDS]
    for document in source.choices(documents, k=300):
        words = [document.title, *(artist.name for artist in document.artists)]
        source.shuffle(words)
        text = " ".join(words)
        queries += [text, text[: source.randint(1, len(text))], f"{source.choice(WORDS)} {document.title}"]
    return queries


def test_it_finds_what_looking_at_everything_finds(
    each_way: Sequence[Index], oracle: Oracle, documents: list[Document]
) -> None:
    """For every query, in every script, the same documents in the same order as the oracle's."""
    queries = [Query.of(typed) for typed in typed_queries(documents, seed=1)]
    queries = [query for query in queries if query.tokens]
    expected = [ids(oracle, find(oracle, query, 0, WINDOW)) for query in queries]
    assert sum(map(bool, expected)) > len(expected) / 2
    for index in each_way:
        assert [ids(index, find(index, query, 0, WINDOW)) for query in queries] == expected


@pytest.mark.parametrize("filters", ALL_FILTERS, ids=str)
def test_filters_leave_out_what_may_not_be_shown(index: Index, oracle: Oracle, filters: Filters) -> None:
    """Kinds, market and explicit together leave exactly what the oracle leaves."""
    for word in WORDS:
        query = Query.of(word, filters)
        if query.tokens:
            assert ids(index, find(index, query, 0, WINDOW)) == ids(oracle, find(oracle, query, 0, WINDOW))


def test_every_market_has_documents_of_its_own(documents: list[Document]) -> None:
    """The filters above have something to leave out."""
    assert set(MARKETS) == {market for document in documents for market in document.markets}


def test_candidates_carry_what_rankers_need(index: Index, oracle: Oracle) -> None:
    """Position, kind, folded title and artists, popularity and marks are the oracle's."""
    query = Query.of("moon")
    assert list(find(index, query, 0, 10).candidates) == list(find(oracle, query, 0, 10).candidates)


def test_it_goes_on_after_a_position(index: Index, oracle: Oracle) -> None:
    """The window after the first is the next by popularity."""
    query = Query.of("a")
    after = find(index, query, 0, 10).candidates[-1].position
    assert ids(index, find(index, query, after, 10)) == ids(oracle, find(oracle, query, 0, 20))[10:]


@pytest.mark.parametrize("typed", HOSTILE, ids=ascii)
def test_whatever_is_typed_is_only_words(index: Index, oracle: Oracle, typed: str) -> None:
    """Operators, quotes, controls and oddities are no more than separators: the oracle, which knows none, agrees."""
    query = Query.of(typed)
    if query.tokens:
        assert ids(index, find(index, query, 0, WINDOW)) == ids(oracle, find(oracle, query, 0, WINDOW))


@given(typed=st.text(st.characters(exclude_categories=())))
def test_nothing_typed_is_an_error(index: Index, typed: str) -> None:
    """Any string at all gets an answer."""
    query = Query.of(typed)
    if query.tokens:
        assert not find(index, query, 0, WINDOW).cut


def test_a_kind_cannot_be_typed() -> None:
    """The tokens that mark kinds are out of reach of a query."""
    assert all(Query.of(kind_token(kind)).tokens == () for kind in Kind)


def test_when_the_time_is_up_it_returns_what_it_has(index: Index) -> None:
    """A cut answer is the beginning of the whole one, and says that it is cut."""
    looks = count()
    with open_index(index.generation, lambda: float(next(looks)), FTS5_ONLY) as hurried:
        cut = find(hurried, Query.of("a"), 0, WINDOW, until_s=2.0)
    whole = find(index, Query.of("a"), 0, WINDOW)
    assert cut.cut
    assert not whole.cut
    assert 0 < len(cut.candidates) < len(whole.candidates)
    assert list(cut.candidates) == list(whole.candidates)[: len(cut.candidates)]


def test_a_cut_search_does_not_harm_the_next(index: Index) -> None:
    """Time is counted for each search anew."""
    looks = count()
    with open_index(index.generation, lambda: float(next(looks)), FTS5_ONLY) as hurried:
        first = find(hurried, Query.of("a"), 0, WINDOW, until_s=2.0)
        second = find(hurried, Query.of("a"), 0, WINDOW, until_s=2.0)
    assert first.cut
    assert len(second.candidates) > 0


def test_looking_up_is_not_cut_by_the_end_of_an_earlier_search(index: Index) -> None:
    """What has been found can be had, however late it is."""
    looks = count()
    with open_index(index.generation, lambda: float(next(looks)), FTS5_ONLY) as hurried:
        some = find(hurried, Query.of("a"), 0, WINDOW, until_s=2.0).candidates
        assert hurried.at([candidate.position for candidate in some]) == list(some)


def test_who_rests_holds_no_memory_and_answers_as_before(index: Index) -> None:
    """What is set aside gives back what it holds of its files, and takes it again when it is searched."""
    query = Query.of("moon")
    with open_index(index.generation, lambda: 0.0) as resting:
        before = find(resting, query, 0, WINDOW)
        held = resident_kib(index.generation.folder)
        resting.rest()
        assert resident_kib(index.generation.folder) < held
        assert find(resting, query, 0, WINDOW) == before
        assert ids(resting, before) == ids(index, before)


TOKENS = sorted({token for word in WORDS for token in Query.of(word).tokens} | {"la", "mo", "nowhere", "r"})
AFTER = st.integers(0, 600).map(lambda row: row * SLOTS)
GROUPS = st.lists(
    st.lists(st.builds(Word, st.sampled_from(TOKENS), begins=st.booleans()), min_size=1, max_size=3).map(tuple),
    min_size=1,
    max_size=5,
).map(tuple)


def assert_same(one: Found, other: Found) -> None:
    """Check that both found the same, in the same order and whole."""
    assert (list(one.candidates), one.cut) == (list(other.candidates), other.cut)


@given(groups=GROUPS, filters=st.sampled_from(ALL_FILTERS), after=AFTER, limit=st.integers(1, WINDOW))
def test_alternatives_are_found_whichever_is_there(
    each_way: Sequence[Index],
    oracle: Oracle,
    groups: tuple[tuple[Word, ...], ...],
    filters: Filters,
    after: int,
    limit: int,
) -> None:
    """However a reading is looked for, it finds what looking at everything finds."""
    reading, window = Reading("", groups), Window(after, limit)
    for index in each_way:
        assert_same(index.find(reading, filters, window), oracle.find(reading, filters, window))


@given(groups=GROUPS.filter(lambda groups: len(groups) > 1), data=st.data())
def test_some_of_the_words_are_enough_where_that_is_asked(
    each_way: Sequence[Index], oracle: Oracle, groups: tuple[tuple[Word, ...], ...], data: st.DataObject
) -> None:
    """What has so many of some groups is found, and nothing else."""
    at_least = data.draw(st.integers(1, len(groups) - 1))
    rarest = data.draw(st.permutations(range(len(groups))))
    reading = Reading("", groups, at_least, tuple(rarest[: at_least + 1]))
    for index in each_way:
        assert_same(index.find(reading, Filters(), Window()), oracle.find(reading, Filters(), Window()))


@pytest.mark.parametrize("filters", ALL_FILTERS, ids=str)
def test_whole_titles_are_found(index: Index, oracle: Oracle, documents: list[Document], filters: Filters) -> None:
    """A folded title leads to all that has it and may be shown."""
    for title in {fold(document.title) for document in documents[:200]} | {"no such title"}:
        assert_same(index.titled(title, filters, Window()), oracle.titled(title, filters, Window()))
