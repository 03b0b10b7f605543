"""SearchService: the three rooms in a row, on the event loop, since a search is shorter than a hop to a thread."""

from collections.abc import Callable

from backline.search.v1 import search_pb2 as pb
from services.kit.errors import Unavailable
from services.kit.grpc.methods import Method, unary
from services.kit.grpc.rpc import rpc
from services.search.api.wire import (
    search_page,
    search_page_size,
    search_query,
    search_response,
    suggest_page_size,
    suggest_query,
    suggest_response,
)
from services.search.domain.current import Current
from services.search.domain.rank import DEFAULT_RANKER, RANKERS
from services.search.domain.search import Result


class SearchApi:
    """Answers from whatever index is current. `degraded` hears the reason of each answer that left something out."""

    def __init__(self, current: Current, degraded: Callable[[str], None]) -> None:
        self._current, self._degraded = current, degraded
        self._ranker = RANKERS[DEFAULT_RANKER]

    def methods(self, limit_s: float) -> list[Method]:
        """Return the methods of SearchService."""
        return [
            unary(rpc(pb.SearchRequest, pb.SearchResponse), self.search, limit_s, fails=(Unavailable,)),
            unary(rpc(pb.SuggestRequest, pb.SuggestResponse), self.suggest, limit_s, fails=(Unavailable,)),
        ]

    async def search(self, request: pb.SearchRequest) -> bytes:
        """Return one page of hits."""
        engine, query = self._current.get(), search_query(request)
        page = search_page(request, engine.generation)
        result = engine.search(query, search_page_size(request), page, self._ranker)
        return search_response(self._noted(result), engine.generation, DEFAULT_RANKER)

    async def suggest(self, request: pb.SuggestRequest) -> bytes:
        """Return completions."""
        engine = self._current.get()
        result = engine.suggest(suggest_query(request), suggest_page_size(request))
        return suggest_response(self._noted(result), engine.generation)

    def _noted(self, result: Result) -> Result:
        for reason in result.degraded:
            self._degraded(reason)
        return result
