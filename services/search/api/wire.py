"""The wire's messages and the domain's words, one into the other."""

import re
from collections.abc import Iterable, Sequence

from backline.search.v1 import search_pb2
from services.kit.errors import Invalid
from services.kit.wire import repeated_bytes
from services.search.domain.document import Document, Kind
from services.search.domain.paging import Cursor
from services.search.domain.query import Filters, Query
from services.search.domain.ranking.rank import RANKERS
from services.search.domain.search import Correction, Match, Result
from services.search.domain.words.highlight import Range, highlighted
from services.search.domain.words.normalise import MAX_QUERY_CHARS

DEFAULT_HITS, MAX_HITS = 20, 50
DEFAULT_SUGGESTIONS, MAX_SUGGESTIONS = 8, 20

_KINDS = {
    search_pb2.KIND_TRACK: Kind.TRACK,
    search_pb2.KIND_ALBUM: Kind.ALBUM,
    search_pb2.KIND_ARTIST: Kind.ARTIST,
}
_WIRE_KINDS = {kind: wire_kind for wire_kind, kind in _KINDS.items()}
_MARKET = re.compile(r"[A-Z]{2}")


def encode_hit(document: Document) -> bytes:
    """Return the document as the bytes of a Hit, kept in the index and sent as they are."""
    hit = search_pb2.Hit(
        kind=_WIRE_KINDS[document.kind],
        id=document.id,
        title=document.title,
        artists=[search_pb2.ArtistName(id=artist.id, name=artist.name) for artist in document.artists],
        credit=document.credit,
        duration_ms=document.duration_ms,
        release_year=document.release_year,
        explicit=document.explicit,
        popularity=document.popularity,
    )
    if document.album:
        hit.album_id, hit.album_title = document.album.id, document.album.title
    return hit.SerializeToString()


def search_query(request: search_pb2.SearchRequest) -> Query:
    """Return what a search asks for. Raises Invalid where a field is not as the contract says."""
    _check_length(request.query)
    if request.market and not _MARKET.fullmatch(request.market):
        raise Invalid("A market is two capital letters, an ISO 3166 alpha-2 code.", field="market")
    unknown = [number for number in request.kinds if number not in _KINDS]
    if unknown:
        raise Invalid(f"There is no kind {unknown[0]}.", field="kinds")
    kinds = frozenset(_KINDS[number] for number in request.kinds) or frozenset(Kind)
    filters = Filters(kinds, request.market, request.hide_explicit)
    return Query.of(request.query, filters, prefer_clean=request.prefer_clean)


def search_ranker(request: search_pb2.SearchRequest) -> str:
    """Return the ranker that is asked for by name; empty for none. Raises Invalid where there is none of that name."""
    if request.ranker and request.ranker not in RANKERS:
        raise Invalid(f"There is no such ranker; there are {', '.join(RANKERS)}.", field="ranker")
    return request.ranker


def search_page_size(request: search_pb2.SearchRequest) -> int:
    """Return how many hits a page may have."""
    return min(request.page_size or DEFAULT_HITS, MAX_HITS)


def search_page(request: search_pb2.SearchRequest, generation: str) -> Cursor:
    """Return which page of a search is wanted. Raises Invalid for a token that this index generation did not give."""
    return Cursor.of(request.page_token, generation)


def suggest_query(request: search_pb2.SuggestRequest) -> Query:
    """Return what a suggestion asks for. Raises Invalid where the query is too long."""
    _check_length(request.query)
    return Query.of(request.query)


def suggest_page_size(request: search_pb2.SuggestRequest) -> int:
    """Return how many completions are wanted."""
    return min(request.page_size or DEFAULT_SUGGESTIONS, MAX_SUGGESTIONS)


def search_response(
    result: Result, generation: str, ranker: str, *, delta: str = "", show_matches: bool = False
) -> bytes:
    """Return the bytes of a SearchResponse, the hits as the index keeps them and the other fields after them."""
    words = (*result.alternatives, *result.words)
    tail = search_pb2.SearchResponse(
        next_page_token=result.next_page.token(generation) if result.next_page else "",
        index_generation=generation,
        ranker=ranker,
        sources=result.sources,
        degraded=result.degraded,
        correction=_correction(result.correction) if result.correction else None,
        matches=[_match(match, words) for match in result.hits] if show_matches else (),
        index_delta=delta,
    )
    hits = repeated_bytes(search_pb2.SearchResponse.HITS_FIELD_NUMBER, [match.hit for match in result.hits])
    return hits + tail.SerializeToString()


def suggest_response(result: Result, generation: str) -> bytes:
    """Return the bytes of a SuggestResponse."""
    hits = [search_pb2.Hit.FromString(match.hit) for match in result.hits]
    return search_pb2.SuggestResponse(
        suggestions=[search_pb2.Suggestion(text=hit.title, kind=hit.kind) for hit in hits],
        index_generation=generation,
        degraded=result.degraded,
    ).SerializeToString()


def _correction(correction: Correction) -> search_pb2.Correction:
    return search_pb2.Correction(query=correction.query, changed=_ranges(correction.changed))


def _match(match: Match, words: Sequence[str]) -> search_pb2.Match:
    hit = search_pb2.Hit.FromString(match.hit)
    title, credit = (_ranges(highlighted(text, words)) for text in (hit.title, hit.credit))
    return search_pb2.Match(source=match.source, title=title, credit=credit)


def _ranges(ranges: Iterable[Range]) -> list[search_pb2.Range]:
    return [search_pb2.Range(start=start, end=end) for start, end in ranges]


def _check_length(query: str) -> None:
    if len(query) > MAX_QUERY_CHARS:
        raise Invalid(f"A query has at most {MAX_QUERY_CHARS} characters; this one has {len(query)}.", field="query")
