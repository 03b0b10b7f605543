"""SearchService: the three rooms in a row, on the event loop, since a search is shorter than a hop to a thread."""

from collections.abc import Callable

from backline.search.v1 import search_pb2 as pb
from services.kit.errors import Exhausted, Unavailable
from services.kit.flags.client.local import Flags
from services.kit.grpc.methods import Method, unary
from services.kit.grpc.rpc import rpc
from services.search.api.decided import decided_ranker
from services.search.api.wire import (
    search_page,
    search_page_size,
    search_query,
    search_ranker,
    search_response,
    suggest_page_size,
    suggest_query,
    suggest_response,
)
from services.search.domain.current import Current
from services.search.domain.query import Query
from services.search.domain.ranking.rank import RANKERS
from services.search.domain.search import Result


class SearchApi:
    """Answers from whatever index is current. `note` is told of each query and what came of it."""

    def __init__(self, current: Current, note: Callable[[Query, Result], None], flags: Flags) -> None:
        self._current, self._note, self._flags = current, note, flags

    def methods(self, limit_s: float) -> list[Method]:
        """Return the methods of SearchService."""
        fails = (Unavailable, Exhausted)
        return [
            unary(rpc(pb.SearchRequest, pb.SearchResponse), self.search, limit_s, fails=fails),
            unary(rpc(pb.SuggestRequest, pb.SuggestResponse), self.suggest, limit_s, fails=fails),
        ]

    async def search(self, request: pb.SearchRequest) -> bytes:
        """Return one page of hits."""
        engine, query, asked = self._current.get(), search_query(request), search_ranker(request)
        page = search_page(request, engine.generation)
        ranker = asked or decided_ranker(self._flags)
        result = engine.search(query, search_page_size(request), page, RANKERS[ranker])
        self._note(query, result)
        return search_response(result, engine.generation, ranker, delta=engine.delta, show_matches=request.show_matches)

    async def suggest(self, request: pb.SuggestRequest) -> bytes:
        """Return completions."""
        engine, query = self._current.get(), suggest_query(request)
        result = engine.suggest(query, suggest_page_size(request))
        self._note(query, result)
        return suggest_response(result, engine.generation)
