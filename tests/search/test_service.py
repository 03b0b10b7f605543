"""SearchService as a whole: whatever is asked has an answer or a clear refusal, which says what gave it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from backline.search.v1 import search_pb2 as pb
from services.kit.context import RequestContext, entered
from services.kit.errors import Invalid, Unavailable
from services.kit.flags.client.memory import FixedFlags
from services.kit.flags.decision import Reason
from services.kit.flags.flag import Choice
from services.kit.flags.travelling import encode_decisions
from services.search.api.service import SearchApi
from services.search.api.wire import encode_hit
from services.search.domain.current import Current
from services.search.domain.document import ArtistName, Document, Kind
from services.search.domain.engine import Engine
from services.search.domain.query import Query
from services.search.domain.search import Result
from services.search.index.build import build
from services.search.index.reader import open_index

NIGHTBUS = ArtistName("inv:nightbus", "Nightbus")
SHELF = (
    Document(Kind.ARTIST, NIGHTBUS.id, NIGHTBUS.name, popularity=90),
    Document(Kind.TRACK, "inv:boats", "Paper Boats", artists=(NIGHTBUS,), credit="Nightbus", popularity=60),
    Document(Kind.TRACK, "inv:moons", "Paper Moons", artists=(NIGHTBUS,), credit="Nightbus", popularity=50),
    Document(Kind.TRACK, "inv:crane", "紙の鶴", artists=(NIGHTBUS,), credit="Nightbus", popularity=40),
)
Make = Callable[[str], Engine]
Noted = list[tuple[Query, Result]]

STRANGE = {
    "nothing": "",
    "spaces": " \t\n\r\u3000\u2028 ",
    "NUL": "pap\0er",
    "control": "\x1b[2Jpaper\x7f\x85",
    "operators": '"paper" AND NOT (moons OR NEAR(a b, 2)) ^title : *',
    "quotes": '\'"`\u00b4\u2019“”«»""',
    "directions": "\u202epaper\u202c \u200f\u2067moons\u2069",
    "emoji": "🎵👩\u200d🎤🏳️\u200d🌈" * 20,
    "accents": "a" + "\u0301" * 199,
    "wide": "ﷺ" * 200,
    "not characters": "\ufdd0\uffff\U0010ffff\ue000",
    "unassigned": "\u0378paper",
    "long words": "x" * 200,
    "many words": "a " * 100,
    "Chinese": "紙" * 200,
    "wildcards": "%_*?[a-z]\\",
}
"""What a person or a fuzzer may type, within the bound of the contract."""


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Return a maker of engines over the shelf that answer with a delta of the name given, or with none."""
    folder = tmp_path_factory.mktemp("generations")
    generation = build(SHELF, folder, encode_hit, source_generation=1, built_at=datetime(2026, 1, 1, tzinfo=UTC))
    with open_index(generation, lambda: 0.0) as index:

        def engine(delta: str) -> Engine:
            made = Engine(index, None, frozenset(), lambda: 0.0)
            made.delta = delta
            return made

        yield engine


@pytest.fixture
def noted() -> Noted:
    """Return where the service notes what it answered."""
    return []


@pytest.fixture
def api(make: Make, noted: Noted) -> SearchApi:
    """Return a service that answers from the shelf."""
    return SearchApi(Current(make("")), lambda query, result: noted.append((query, result)), FixedFlags())


def unheard(_query: Query, _result: Result) -> None:
    """Note nothing."""


async def searched(api: SearchApi, request: pb.SearchRequest) -> pb.SearchResponse:
    """Return what a search is answered."""
    return pb.SearchResponse.FromString(await api.search(request))


@pytest.mark.parametrize("typed", STRANGE.values(), ids=STRANGE)
async def test_whatever_is_typed_is_answered(api: SearchApi, typed: str) -> None:
    """No text within the bound breaks a search, its marks or its completions."""
    response = await searched(api, pb.SearchRequest(query=typed, show_matches=True))
    assert len(response.matches) == len(response.hits)
    for hit, match in zip(response.hits, response.matches, strict=True):
        assert all(part.start < part.end <= len(hit.title) for part in match.title)
        assert all(part.start < part.end <= len(hit.credit) for part in match.credit)
    completed = pb.SuggestResponse.FromString(await api.suggest(pb.SuggestRequest(query=typed)))
    assert completed.index_generation == response.index_generation


@pytest.mark.parametrize("typed", ["a" * 201, "紙" * 10_000, "\0" * 10_000])
async def test_what_is_too_long_is_refused_by_name(api: SearchApi, noted: Noted, typed: str) -> None:
    """More than 200 characters are the caller's mistake, told as such before anything is searched."""
    for answer in (api.search(pb.SearchRequest(query=typed)), api.suggest(pb.SuggestRequest(query=typed))):
        with pytest.raises(Invalid, match="at most 200 characters") as refused:
            await answer
        assert refused.value.field == "query"
    assert noted == []


async def test_an_answer_says_what_gave_it(make: Make) -> None:
    """Generation, delta and ranker are those that were at work."""
    api = SearchApi(Current(make("delta-1")), unheard, FixedFlags())
    response = await searched(api, pb.SearchRequest(query="paper"))
    assert response.index_generation == make("").generation
    assert (response.index_delta, response.ranker) == ("delta-1", "match-and-popularity")
    assert [hit.id for hit in response.hits] == ["inv:boats", "inv:moons"]


async def test_matches_are_in_the_order_of_hits(api: SearchApi) -> None:
    """Each hit comes with the source that found it and with what was looked for in it."""
    response = await searched(api, pb.SearchRequest(query="nightbus moo", show_matches=True))
    assert [hit.title for hit in response.hits] == ["Paper Moons"]
    assert response.matches[0].source in response.sources
    assert list(response.matches[0].title) == [pb.Range(start=6, end=9)]
    assert list(response.matches[0].credit) == [pb.Range(start=0, end=8)]


async def test_a_page_goes_on_under_another_delta(make: Make) -> None:
    """A delta comes every few minutes; whoever is reading page by page is not sent back to the start for it."""
    current = Current(make("delta-1"))
    api = SearchApi(current, unheard, FixedFlags())
    first = await searched(api, pb.SearchRequest(query="paper", page_size=1))
    current.served = make("delta-2")
    request = pb.SearchRequest(query="paper", page_size=1, page_token=first.next_page_token)
    second = await searched(api, request)
    assert [hit.id for page in (first, second) for hit in page.hits] == ["inv:boats", "inv:moons"]
    assert second.index_delta == "delta-2"


async def test_everything_answered_is_noted(api: SearchApi, noted: Noted) -> None:
    """Searches and completions alike are told to whoever counts and remembers them."""
    await api.search(pb.SearchRequest(query="Paper"))
    await api.suggest(pb.SuggestRequest(query="Night"))
    assert [(query.text, len(result.hits)) for query, result in noted] == [("paper", 2), ("night", 1)]


async def test_without_an_index_a_search_is_unavailable() -> None:
    """Before the first index the service says so, and callers try again elsewhere."""
    api = SearchApi(Current(), unheard, FixedFlags())
    with pytest.raises(Unavailable):
        await api.search(pb.SearchRequest(query="paper"))


def request_that(decides: object) -> RequestContext:
    """Return the context of a request for which flags have decided what orders results."""
    choice = Choice("search-ranker", decides, "other", Reason.TARGETING_MATCH)
    return RequestContext("r", 1.0, encoded_decisions=encode_decisions([choice], 7, "unit"))


@pytest.mark.parametrize(
    ("asked", "decided", "ranker"),
    [
        ("", "match-first", "match-first"),
        ("match-and-popularity", "match-first", "match-and-popularity"),
        ("", "no such ranker", "match-and-popularity"),
        ("", ["match-first"], "match-and-popularity"),
        ("", None, "match-and-popularity"),
    ],
)
async def test_flags_choose_the_ranker_that_nobody_asked_for(
    make: Make, asked: str, decided: object, ranker: str
) -> None:
    """What the edge decided orders the hits, unless the caller says otherwise or it names none that there is."""
    flags = FixedFlags()
    api = SearchApi(Current(make("")), unheard, flags)
    with entered(request_that(decided)):
        response = await searched(api, pb.SearchRequest(query="paper", ranker=asked))
    used = [(choice.variant, unit) for choice, unit in flags.told]
    assert (response.ranker, used) == (ranker, [("other", "unit")] if ranker == "match-first" else [])


async def test_a_search_that_is_refused_uses_no_decision(make: Make) -> None:
    """A variant takes effect only where something is ordered by it."""
    flags = FixedFlags()
    api = SearchApi(Current(make("")), unheard, flags)
    with entered(request_that("match-first")), pytest.raises(Invalid):
        await api.search(pb.SearchRequest(query="paper", page_token="?"))  # noqa: S106 - a page's, not a secret
    assert flags.told == []
