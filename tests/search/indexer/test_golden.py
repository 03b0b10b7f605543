"""Golden queries: drawn by seed from what streams by, stable between exports, and counted right."""

from collections.abc import Sequence
from itertools import count

import pytest

from services.search.domain.candidates.candidate import Candidate
from services.search.domain.document import ArtistName, Document, Kind
from services.search.domain.query import Query
from services.search.domain.search import Match, Result
from services.search.indexer.golden import Draw, cases, measure
from tests.search.invented import invented_documents

ANA = ArtistName("inv:a", "Ana Lima")


def tracks(number: int, popularity: int = 100) -> list[Document]:
    """Return so many tracks."""
    return [
        Document(Kind.TRACK, f"inv:{each}", f"Glass Lanterns {each}", artists=(ANA,), popularity=popularity)
        for each in range(number)
    ]


def drawn(documents: Sequence[Document], most: int = 50) -> list[Document]:
    """Return what is drawn of the documents."""
    draw = Draw(most)
    assert list(draw.watched(documents)) == list(documents)
    return draw.documents


def test_few_documents_are_all_drawn() -> None:
    """Nothing is drawn twice."""
    documents = invented_documents(40, seed=3)
    assert sorted(document.id for document in drawn(documents)) == sorted(document.id for document in documents)


def test_the_order_of_the_export_does_not_matter() -> None:
    """The same catalogue gives the same queries."""
    documents = invented_documents(1_000, seed=3)
    assert drawn(documents) == drawn(documents[::-1])
    assert list(cases(drawn(documents))) == list(cases(drawn(documents[::-1])))


def test_a_catalogue_that_grew_a_little_has_nearly_the_same_queries() -> None:
    """Results of before and now are about the same things."""
    documents = tracks(10_000)
    before, now = drawn(documents[:9_800], 300), drawn(documents, 300)
    assert len({document.id for document in before} & {document.id for document in now}) > 280


def test_popular_documents_are_drawn_more_often() -> None:
    """People look for what is popular: a hundredth with most of the plays has most of the queries."""
    popular, others = tracks(100, popularity=10**9), tracks(10_000, popularity=10**3)
    hits = [document for document in drawn([*others[100:], *popular]) if document.popularity == 10**9]
    assert len(hits) > 45


def test_each_way_of_typing_is_among_the_queries() -> None:
    """The title, with its artist, unfinished, and with two letters in the wrong order."""
    asked = [case.typed for case in cases(tracks(200))]
    assert "Glass Lanterns 7" in {typed.replace(" Ana Lima", "") for typed in asked}
    assert any(typed.endswith("Ana Lima") for typed in asked)
    assert any("Lanterns" not in typed and sorted("Lanterns") == sorted(typed.split()[1]) for typed in asked)
    unfinished = Document(Kind.ALBUM, "inv:x", "Lanterns")
    assert {case.typed for seed in range(20) for case in cases([unfinished], seed)} >= {"Lanterns", "Lante"}


@pytest.mark.parametrize("title", ["", " ", "a", "月", "…", "\x00"])
def test_any_title_can_be_typed(title: str) -> None:
    """A strange title makes a strange query and no error."""
    assert len([case for seed in range(20) for case in cases([Document(Kind.TRACK, "inv:x", title)], seed)]) == 20


def found(*titles: str) -> Result:
    """Return tracks by Ana Lima with these titles."""
    return Result([Match(Candidate.of(1, Kind.TRACK, title, "ana lima", 0), "prefix", b"") for title in titles])


def test_the_mean_counts_the_first_place_at_which_each_is_found() -> None:
    """First counts one, third a third, missing nothing; the quicker of two tries counts, and the costliest is named."""
    asked = list(cases(tracks(3)))
    answers = {
        asked[0].typed: found("glass lanterns 0", "glass lanterns 0"),
        asked[1].typed: found("x", "y", "glass lanterns 1"),
        asked[2].typed: found("glass lanterns 9"),
    }
    seconds = count()

    def search(query: Query, most: int) -> Result:
        assert most == 10
        for _ in range(5 if query.typed == asked[1].typed else 0):
            next(seconds)
        return answers[query.typed]

    golden = measure(asked, search, lambda: float(next(seconds)))
    assert golden.queries == tuple(case.typed for case in asked)
    assert golden.mrr == pytest.approx((1 + 1 / 3 + 0) / 3, abs=1e-4)
    assert (golden.worst_cpu_s, golden.worst_query) == (6.0, asked[1].typed)


def test_an_empty_catalogue_has_no_queries() -> None:
    """There is nothing to compare, and no error."""
    assert measure([], lambda _query, _most: found(), lambda: 0.0).queries == ()
