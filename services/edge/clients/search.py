"""What the edge asks of search."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from backline.search.v1 import search_pb2 as pb
from services.kit.errors import Invalid
from services.kit.grpc.client import Client
from services.kit.grpc.rpc import rpc

_SEARCH = rpc(pb.SearchRequest, pb.SearchResponse)
_SUGGEST = rpc(pb.SuggestRequest, pb.SuggestResponse)
_MEMORY = "memory"
"""What a search in memory calls its source and its ranker."""


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
    """Finds what has the text in its title, among the hits it was made with; a text among `slips` it corrects first."""

    hits: Sequence[pb.Hit]
    slips: Mapping[str, str] = field(default_factory=dict)
    index_delta: str = ""

    async def search(self, request: pb.SearchRequest) -> pb.SearchResponse:
        """Return the hits of one page; a page token is the number of hits before it."""
        if request.ranker not in ("", _MEMORY):
            raise Invalid(f"There is no ranker {request.ranker!r}; there is {_MEMORY}.", field="ranker")
        text = self.slips.get(request.query, request.query)
        found = [hit for hit in self.hits if _found_in(hit, text) and _wanted(hit, request)]
        if request.prefer_clean:
            found.sort(key=lambda hit: hit.explicit)
        start, size = _start(request.page_token), request.page_size or 20
        end = start + size
        page = found[start:end]
        return pb.SearchResponse(
            hits=page,
            next_page_token=str(end) if end < len(found) else "",
            index_generation="gen-memory",
            index_delta=self.index_delta,
            ranker=_MEMORY,
            sources=[_MEMORY] if page else [],
            correction=_correction(text) if text != request.query else None,
            matches=[_match(hit, text) for hit in page] if request.show_matches else [],
        )

    async def suggest(self, request: pb.SuggestRequest) -> pb.SuggestResponse:
        """Return the titles of what `search` would find."""
        found = await self.search(pb.SearchRequest(query=request.query, page_size=request.page_size or 8))
        texts = {hit.title: hit.kind for hit in found.hits}
        suggestions = [pb.Suggestion(text=text, kind=kind) for text, kind in texts.items()]
        return pb.SuggestResponse(suggestions=suggestions, index_generation=found.index_generation)


def _found_in(hit: pb.Hit, text: str) -> re.Match[str] | None:
    return re.search(re.escape(text), hit.title, re.IGNORECASE) if text else None


def _wanted(hit: pb.Hit, request: pb.SearchRequest) -> bool:
    return (not request.kinds or hit.kind in request.kinds) and not (request.hide_explicit and hit.explicit)


def _correction(text: str) -> pb.Correction:
    return pb.Correction(query=text, changed=[pb.Range(end=len(text))])


def _match(hit: pb.Hit, text: str) -> pb.Match:
    found = _found_in(hit, text)
    return pb.Match(source=_MEMORY, title=[pb.Range(start=found.start(), end=found.end())] if found else [])


def _start(page_token: str) -> int:
    if page_token and not page_token.isdecimal():
        raise Invalid("The page token is not one that a page gave.", field="page_token")
    return int(page_token or 0)
