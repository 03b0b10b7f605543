"""The hot routes, /v1/search and /v1/suggest: parameters read by table, JSON built by hand."""

from dataclasses import dataclass

import orjson

from backline.search.v1 import search_pb2 as pb
from services.edge.api.answers import KINDS, search_answer, suggest_answer
from services.edge.api.degraded import Degraded
from services.edge.api.links import next_page
from services.edge.api.parameters import by_client, choices, flag, given, pattern, text, whole
from services.edge.api.rendered import RenderedHits
from services.edge.api.reply import JSON_HEADERS, Reply
from services.edge.api.visitors import Visitor
from services.edge.clients.search import Search
from services.kit.clock import Clock
from services.kit.flags.client.local import Flags
from services.kit.http.asgi import Scope

MAX_QUERY_CHARS = 200

QUERY = text("q", MAX_QUERY_CHARS, "What was typed; the last word may be unfinished.", "a")
KINDS_WANTED = choices("kinds", KINDS, "The kinds to find, separated by commas; all unless given.")
LIMIT = by_client(whole("limit", 20, 50, "How many results at most."))
CURSOR = text("cursor", 500, "next_cursor of the page before.")
MARKET = pattern(
    "market", "[A-Z]{2}", "a market's two capital letters", "Only what may be played there (ISO 3166 alpha-2)."
)
EXPLICIT = by_client(
    flag("explicit", "Whether tracks that are marked as explicit are among the results.", default=True)
)
PREFER_CLEAN = flag(
    "prefer_clean", "Whether what is marked as explicit is ranked behind the same without the mark.", default=False
)
MATCHES = flag("matches", "Whether each result says what found it and where it has what was looked for.", default=False)
SEARCH_PARAMETERS = (QUERY, KINDS_WANTED, LIMIT, CURSOR, MARKET, EXPLICIT, PREFER_CLEAN, MATCHES)

COMPLETIONS = whole("limit", 8, 20, "How many completions at most.")
SUGGEST_PARAMETERS = (QUERY, COMPLETIONS)

SUGGEST_PAUSED = "suggest_paused"
_PAUSED = pb.SuggestResponse(degraded=[SUGGEST_PAUSED])
"""What stands in for the answer of a search that is not asked."""


@dataclass(frozen=True, slots=True)
class SearchRoutes:
    """Answers searches and completions."""

    search_service: Search
    flags: Flags
    rendered: RenderedHits
    clock: Clock
    degraded: Degraded

    async def search(self, scope: Scope, visitor: Visitor) -> Reply:
        """Answer GET /v1/search."""
        started, asked, decided = self.clock.monotonic(), given(scope), visitor.decisions
        query = QUERY.of(asked)
        request = pb.SearchRequest(
            query=query,
            kinds=KINDS_WANTED.of(asked),
            page_size=LIMIT.of(asked, decided.results.value),
            page_token=CURSOR.of(asked),
            market=MARKET.of(asked),
            hide_explicit=not EXPLICIT.of(asked, decided.explicit.value),
            prefer_clean=PREFER_CLEAN.of(asked),
            show_matches=MATCHES.of(asked),
        )
        if LIMIT.name not in asked:
            self.flags.used(decided.results, visitor.hashed)
        if EXPLICIT.name not in asked:
            self.flags.used(decided.explicit, visitor.hashed)
        found = await self.search_service.search(request)
        self.degraded.count(found.degraded)
        results, token = self.rendered.of(found), found.next_page_token
        body = orjson.dumps(search_answer(query, found, results, self.clock.monotonic() - started))
        return Reply(200, (*JSON_HEADERS, next_page(scope, token)) if token else JSON_HEADERS, body)

    async def suggest(self, scope: Scope, visitor: Visitor) -> Reply:
        """Answer GET /v1/suggest; with nothing, and without asking search, while that is what flags say."""
        started, asked, paused = self.clock.monotonic(), given(scope), visitor.decisions.suggest_paused
        query = QUERY.of(asked)
        request = pb.SuggestRequest(query=query, page_size=COMPLETIONS.of(asked))
        self.flags.used(paused, visitor.hashed)
        found = _PAUSED if paused.value else await self.search_service.suggest(request)
        self.degraded.count(found.degraded)
        return Reply(200, JSON_HEADERS, orjson.dumps(suggest_answer(query, found, self.clock.monotonic() - started)))
