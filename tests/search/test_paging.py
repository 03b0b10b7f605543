"""Pages: cut from ranked windows, complete, and bound to the index generation that gave them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import Invalid
from services.search.domain.candidates.candidate import Candidate
from services.search.domain.candidates.index import Index, Window
from services.search.domain.candidates.reading import Reading
from services.search.domain.engine import Engine
from services.search.domain.paging import START, WINDOW, Cursor
from services.search.domain.query import Query
from services.search.domain.ranking.rank import RANKERS
from services.search.domain.search import Result
from tests.search.oracle import Hasty, Oracle

RANKER = RANKERS["match-and-popularity"]
GENERATION = "gen-20260101T000000Z-0a1b2c3d"


def engine(index: Index) -> Engine:
    """Return an engine over an index alone, for which no time goes by."""
    return Engine(index, None, frozenset(), lambda: 0.0)


def search(query: Query, index: Index, page_size: int, page: Cursor = START) -> Result:
    """Return a page of what an engine over the index finds."""
    return engine(index).search(query, page_size, page, RANKER)


def find(index: Index, query: Query, limit: int = 10_000) -> list[Candidate]:
    """Return what the index finds of a query taken literally."""
    return list(index.find(Reading.literal(query.text, query.tokens), query.filters, Window(limit=limit)).candidates)


def pages(query: Query, index: Index, page_sizes: list[int]) -> list[list[Candidate]]:
    """Return all pages of an answer, asked for in sizes that repeat, through tokens as a caller would."""
    cursor, answered = Cursor(), list[list[Candidate]]()
    while True:
        page_size = page_sizes[len(answered) % len(page_sizes)]
        result = search(query, index, page_size, cursor)
        assert len(result.hits) <= page_size
        answered.append([match.candidate for match in result.hits])
        if result.next_page is None:
            return answered
        cursor = Cursor.of(result.next_page.token(GENERATION), GENERATION)


@pytest.mark.parametrize("word", ["a", "moon", "月", "paper the"])
@given(page_sizes=st.lists(st.integers(1, 50), min_size=1, max_size=4))
def test_pages_show_everything_once(oracle: Oracle, word: str, page_sizes: list[int]) -> None:
    """Whatever the page sizes, all matches are shown, none twice, and the whole order is the same."""
    query = Query.of(word)
    shown = [candidate for page in pages(query, oracle, page_sizes) for candidate in page]
    everything = find(oracle, query)
    assert sorted(shown) == everything
    assert shown == [candidate for page in pages(query, oracle, [20]) for candidate in page]


@given(most=st.integers(1, 70), page_sizes=st.lists(st.integers(1, 50), min_size=1, max_size=4))
def test_pages_of_cut_answers_show_everything_once(oracle: Oracle, most: int, page_sizes: list[int]) -> None:
    """A source that is always out of time still gets through: each page goes on after what was found."""
    query = Query.of("a")
    shown = [candidate for page in pages(query, Hasty(oracle, most), page_sizes) for candidate in page]
    assert sorted(shown) == find(oracle, query)


def test_a_page_is_ranked_within_its_window(oracle: Oracle) -> None:
    """The first page is the best of the fifty most popular."""
    query = Query.of("moo")  # no title is just that
    window = find(oracle, query, WINDOW)
    shown = [match.candidate for match in search(query, oracle, 50).hits]
    scores = RANKER.scores(Reading.literal(query.text, query.tokens), window)
    by_score = sorted(zip(scores, window, strict=True), key=lambda scored: -scored[0])
    assert shown == [candidate for _, candidate in by_score[:50]]


def test_the_last_page_says_so(oracle: Oracle) -> None:
    """Exactly as many matches as fit leave no empty page behind them."""
    query = Query.of("étoile paper")
    matches = len(find(oracle, query, WINDOW + 1))
    assert 0 < matches <= 50
    assert search(query, oracle, matches).next_page is None
    assert search(query, oracle, matches - 1).next_page == Cursor(0, WINDOW, matches - 1)


def test_nothing_found_in_time_ends_the_pages(oracle: Oracle) -> None:
    """A page without a hit is never followed by another, or a caller might ask for ever."""
    result = search(Query.of("a"), Hasty(oracle, 0), 20)
    assert (list(result.hits), result.next_page, result.degraded) == ([], None, ("candidates_cut",))


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "not a token",
        "é",
        "\ud800",
        "A" * 10_000,
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(f"{GENERATION} -1 60 0".encode()).decode(),
        base64.urlsafe_b64encode(f"{GENERATION} 1 0 0".encode()).decode(),
        base64.urlsafe_b64encode(f"{GENERATION} {2**70} 60 0".encode()).decode(),
        base64.urlsafe_b64encode(f"{GENERATION} 1 60".encode()).decode(),
    ],
    ids=ascii,
)
def test_a_token_that_no_page_gave_is_refused(token: str) -> None:
    """Garbage is the caller's mistake, named by its field."""
    with pytest.raises(Invalid, match="start again") as refused:
        Cursor.of(token, GENERATION)
    assert refused.value.field == "page_token"


def test_a_token_of_another_generation_is_refused() -> None:
    """Positions mean nothing in another index, and the caller is told to start again."""
    token = Cursor(60, 60, 20).token("gen-20250101T000000Z-ffffffff")
    with pytest.raises(Invalid, match="has been replaced since that page; start again"):
        Cursor.of(token, GENERATION)


@given(st.integers(0, 10**15 - 1), st.integers(1, WINDOW), st.integers(0, WINDOW))
def test_a_token_points_where_its_cursor_did(after: int, window: int, offset: int) -> None:
    """Tokens carry cursors unchanged, and no empty token means the start."""
    cursor = Cursor(after, window, offset)
    assert Cursor.of(cursor.token(GENERATION), GENERATION) == cursor
    assert Cursor.of("", GENERATION) == Cursor()
