"""What the edge asks of search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from backline.search.v1 import search_pb2 as pb
from services.kit.errors import Invalid
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc

_SEARCH = rpc(pb.SearchRequest, pb.SearchResponse)
_SUGGEST = rpc(pb.SuggestRequest, pb.SuggestResponse)


class Search(Protocol):
    """Finds what people type. Raises the kit's failures."""

    async def search(self, request: pb.SearchRequest) -> pb.SearchResponse:
        """Return one page of hits."""
        ...

    async def suggest(self, request: pb.SuggestRequest) -> pb.SuggestResponse:
        """Return completions."""
        ...


@dataclass(frozen=True, slots=True)
class GrpcSearch:
    """Asks the search service."""

    client: Client
    limit_s: float

    async def search(self, request: pb.SearchRequest) -> pb.SearchResponse:
        """Return one page of hits."""
        return await self.client.call(_SEARCH, request, self.limit_s)

    async def suggest(self, request: pb.SuggestRequest) -> pb.SuggestResponse:
        """Return completions."""
        return await self.client.call(_SUGGEST, request, self.limit_s)


@dataclass(frozen=True, slots=True)
class MemorySearch:
    """Finds what has the typed text in its title, among the hits it was made with."""

    hits: Sequence[pb.Hit]

    async def search(self, request: pb.SearchRequest) -> pb.SearchResponse:
        """Return the hits of one page; a page token is the number of hits before it."""
        start, size = _start(request.page_token), request.page_size or 20
        found = [hit for hit in self.hits if self._wanted(hit, request)]
        end = start + size
        return pb.SearchResponse(
            hits=found[start:end],
            next_page_token=str(end) if end < len(found) else "",
            index_generation="gen-memory",
            ranker="memory",
            sources=["memory"],
        )

    async def suggest(self, request: pb.SuggestRequest) -> pb.SuggestResponse:
        """Return the titles of what `search` would find."""
        found = await self.search(pb.SearchRequest(query=request.query, page_size=request.page_size or 8))
        texts = {hit.title: hit.kind for hit in found.hits}
        suggestions = [pb.Suggestion(text=text, kind=kind) for text, kind in texts.items()]
        return pb.SuggestResponse(suggestions=suggestions, index_generation=found.index_generation)

    @staticmethod
    def _wanted(hit: pb.Hit, request: pb.SearchRequest) -> bool:
        text = request.query.casefold()
        return (
            bool(text)
            and text in hit.title.casefold()
            and (not request.kinds or hit.kind in request.kinds)
            and not (request.hide_explicit and hit.explicit)
        )


def _start(page_token: str) -> int:
    if page_token and not page_token.isdecimal():
        raise Invalid("The page token is not one that a page gave.", field="page_token")
    return int(page_token or 0)
