"""Search's wire: requests become queries or a clear refusal, stored hits become responses."""

import pytest

from backline.search.v1 import search_pb2
from services.kit.errors import Invalid
from services.search.api import wire
from services.search.domain.candidates.candidate import Candidate
from services.search.domain.document import AlbumTitle, ArtistName, Document, Kind
from services.search.domain.paging import Cursor
from services.search.domain.query import Filters, Query
from services.search.domain.ranking.rank import DEFAULT_RANKER, RANKERS
from services.search.domain.search import Correction, Match, Result

GENERATION = "gen-20260101T000000Z-0a1b2c3d"
DELTA = "delta-20260101T001500Z-4e5f6a7b"
TRACK = Document(
    kind=Kind.TRACK,
    id="inv:t1",
    title="River in Winter",
    aliases=("Winter River",),
    artists=(ArtistName("inv:a2", "Lumière", ("Light",)), ArtistName("inv:a1", "Nightbus")),
    credit="Lumière feat. Nightbus",
    album=AlbumTitle("inv:r1", "Sixty Lanterns"),
    duration_ms=200_000,
    release_year=2006,
    explicit=True,
    markets=("DE",),
    popularity=2**64 - 1,
)


def match(document: Document, source: str = "prefix") -> Match:
    """Return a match that carries the document's hit."""
    return Match(Candidate.of(1, document.kind, "", "", 0), source, wire.encode_hit(document))


def ranges(*parts: tuple[int, int]) -> list[search_pb2.Range]:
    """Return parts of a text as the wire has them."""
    return [search_pb2.Range(start=start, end=end) for start, end in parts]


def test_a_hit_shows_the_document() -> None:
    """Every field to show arrives; aliases and markets stay inside."""
    assert search_pb2.Hit.FromString(wire.encode_hit(TRACK)) == search_pb2.Hit(
        kind=search_pb2.KIND_TRACK,
        id="inv:t1",
        title="River in Winter",
        artists=[
            search_pb2.ArtistName(id="inv:a2", name="Lumière"),
            search_pb2.ArtistName(id="inv:a1", name="Nightbus"),
        ],
        credit="Lumière feat. Nightbus",
        album_id="inv:r1",
        album_title="Sixty Lanterns",
        duration_ms=200_000,
        release_year=2006,
        explicit=True,
        popularity=2**64 - 1,
    )


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_name_on_the_wire(kind: Kind) -> None:
    """A kind of the domain is the kind of that name, in hits and in requests."""
    hit = search_pb2.Hit.FromString(wire.encode_hit(Document(kind, "inv:1", "Nightbus")))
    assert search_pb2.Kind.Name(hit.kind) == f"KIND_{kind.name}"
    assert wire.search_query(search_pb2.SearchRequest(kinds=[hit.kind])).filters.kinds == {kind}


def test_a_request_becomes_a_query() -> None:
    """Text and filters are taken over."""
    request = search_pb2.SearchRequest(
        query="Étoile  Lum",
        kinds=[search_pb2.KIND_ALBUM, search_pb2.KIND_TRACK, search_pb2.KIND_ALBUM],
        market="DE",
        hide_explicit=True,
        prefer_clean=True,
    )
    filters = Filters(frozenset({Kind.ALBUM, Kind.TRACK}), "DE", hide_explicit=True)
    typed = "Étoile  Lum"
    assert wire.search_query(request) == Query("etoile lum", ("etoile", "lum"), filters, prefer_clean=True, typed=typed)


def test_an_empty_request_asks_for_anything() -> None:
    """Good zero values: all kinds, anywhere, explicit or not, the first page of the usual size."""
    request = search_pb2.SearchRequest()
    assert wire.search_query(request) == Query("", (), Filters())
    assert wire.search_page_size(request) == 20
    assert wire.search_page(request, GENERATION) == Cursor()
    assert wire.suggest_page_size(search_pb2.SuggestRequest()) == 8


@pytest.mark.parametrize(("asked", "hits", "completions"), [(1, 1, 1), (19, 19, 19), (50, 50, 20), (2**32 - 1, 50, 20)])
def test_page_sizes_are_capped(asked: int, hits: int, completions: int) -> None:
    """Asking for more than the most gets the most."""
    assert wire.search_page_size(search_pb2.SearchRequest(page_size=asked)) == hits
    assert wire.suggest_page_size(search_pb2.SuggestRequest(page_size=asked)) == completions


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (search_pb2.SearchRequest(query="a" * 201), "query"),
        (search_pb2.SearchRequest(query="月" * 10_000), "query"),
        (search_pb2.SearchRequest(market="DEU"), "market"),
        (search_pb2.SearchRequest(market="de"), "market"),
        (search_pb2.SearchRequest(market="D\n"), "market"),
        (search_pb2.SearchRequest(kinds=[search_pb2.KIND_TRACK, search_pb2.KIND_UNSPECIFIED]), "kinds"),
        (search_pb2.SearchRequest.FromString(b"\x10\x63"), "kinds"),
    ],
    ids=["long", "long-cjk", "market-name", "market-lower", "market-control", "kind-unspecified", "kind-unknown"],
)
def test_a_field_out_of_contract_is_refused_by_name(request_: search_pb2.SearchRequest, field: str) -> None:
    """The caller learns which field to change."""
    with pytest.raises(Invalid) as refused:
        wire.search_query(request_)
    assert refused.value.field == field


def test_two_hundred_characters_are_not_too_long() -> None:
    """The longest query of the contract is answered; one more is refused, for suggestions too."""
    assert wire.search_query(search_pb2.SearchRequest(query="é" * 200)).text == "e" * 200
    assert wire.suggest_query(search_pb2.SuggestRequest(query="é" * 200)).text == "e" * 200
    with pytest.raises(Invalid):
        wire.suggest_query(search_pb2.SuggestRequest(query="é" * 201))


@pytest.mark.parametrize("title_chars", [0, 1, 100, 127, 128, 129, 16_000, 16_384, 70_000])
def test_stored_hits_are_joined_into_a_response(title_chars: int) -> None:
    """Whatever the size of a hit, the joined bytes parse to the response that protobuf would have written."""
    documents = [TRACK, Document(Kind.ALBUM, "inv:r1", "m" * title_chars), Document(Kind.ARTIST, "inv:a1", "")]
    result = Result(
        [match(document) for document in documents],
        Cursor(60, 60, 0),
        ("prefix",),
        ("candidates_cut",),
    )
    response = search_pb2.SearchResponse.FromString(
        wire.search_response(result, GENERATION, "some-ranker", delta=DELTA)
    )
    assert response == search_pb2.SearchResponse(
        hits=[search_pb2.Hit.FromString(wire.encode_hit(document)) for document in documents],
        next_page_token=Cursor(60, 60, 0).token(GENERATION),
        index_generation=GENERATION,
        ranker="some-ranker",
        sources=["prefix"],
        degraded=["candidates_cut"],
        index_delta=DELTA,
    )


def test_an_empty_answer_still_names_its_index() -> None:
    """No hits and no next page, from this generation."""
    response = search_pb2.SearchResponse.FromString(wire.search_response(Result(), GENERATION, "some-ranker"))
    assert response == search_pb2.SearchResponse(index_generation=GENERATION, ranker="some-ranker")


def test_matches_are_shown_to_who_asks() -> None:
    """Each hit's source and where it has the words, in code points of what is shown; unasked, nothing is worked out."""
    found = Document(Kind.TRACK, "inv:t9", "𝄞 Étoile & Co", credit="Lumière feat. Étoiles")
    result = Result([match(found), match(TRACK, "speller")], words=("and", "etoile"))
    asked, unasked = (
        search_pb2.SearchResponse.FromString(wire.search_response(result, GENERATION, "any", show_matches=show))
        for show in (True, False)
    )
    assert list(asked.matches) == [
        search_pb2.Match(source="prefix", title=ranges((2, 8), (9, 10)), credit=ranges((14, 20))),
        search_pb2.Match(source="speller"),
    ]
    assert list(unasked.matches) == []
    assert unasked.hits == asked.hits


def test_what_else_was_looked_for_is_marked_too() -> None:
    """A hit that has another word than the best, as near to what was typed, shows why it is there."""
    other = Document(Kind.TRACK, "inv:t9", "Étude")
    result = Result([match(other, "speller")], words=("etoile",), alternatives=("etude",))
    response = search_pb2.SearchResponse.FromString(wire.search_response(result, GENERATION, "any", show_matches=True))
    assert list(response.matches) == [search_pb2.Match(source="speller", title=ranges((0, 5)))]


def test_a_correction_is_told() -> None:
    """What was searched for instead, and which parts of it are not what was typed."""
    result = Result(correction=Correction("étoile lumiere", ((7, 14),)))
    corrected, plain = (
        search_pb2.SearchResponse.FromString(wire.search_response(each, GENERATION, "any"))
        for each in (result, Result())
    )
    assert corrected.correction == search_pb2.Correction(query="étoile lumiere", changed=ranges((7, 14)))
    assert not plain.HasField("correction")


@pytest.mark.parametrize("name", RANKERS)
def test_a_ranker_is_chosen_by_name(name: str) -> None:
    """Every ranker can be asked for, and none has to be."""
    assert wire.search_ranker(search_pb2.SearchRequest(ranker=name)) == name
    assert wire.search_ranker(search_pb2.SearchRequest()) == ""


@pytest.mark.parametrize("name", [" ", "Match-And-Popularity", "\0", "r" * 10_000])
def test_a_ranker_that_there_is_not_is_refused(name: str) -> None:
    """The caller learns which there are, in a sentence that no name makes long."""
    with pytest.raises(Invalid, match=DEFAULT_RANKER) as refused:
        wire.search_ranker(search_pb2.SearchRequest(ranker=name))
    assert refused.value.field == "ranker"
    assert len(str(refused.value)) < 200


def test_suggestions_show_titles_as_they_are_written() -> None:
    """A completion is the title with its accents and capitals, not its folded form."""
    result = Result([match(Document(Kind.ARTIST, "inv:a2", "Étoile Lumière"))], degraded=("candidates_cut",))
    response = search_pb2.SuggestResponse.FromString(wire.suggest_response(result, GENERATION))
    assert response == search_pb2.SuggestResponse(
        suggestions=[search_pb2.Suggestion(text="Étoile Lumière", kind=search_pb2.KIND_ARTIST)],
        index_generation=GENERATION,
        degraded=["candidates_cut"],
    )
