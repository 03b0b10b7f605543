"""GET /v1/me/context: tells a caller what was understood of it, where from, and what it gets for that.

The person's id is not among it: who sent it knows it, and nobody else is to read it off an answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from services.edge.api.answers import Json
from services.edge.api.context_models import EXAMPLE, ContextAnswer
from services.edge.api.documentation import problem_responses
from services.edge.api.reply import JSON
from services.edge.api.visitors import COOKIE, VISITOR, Visitor
from services.kit.context import RequestContext, current
from services.kit.flags.client.local import Flags
from services.kit.flags.flag import Choice
from services.kit.grpc.metadata import caller_of

USER_HEADER = "X-Backline-User"


def me_routes(flags: Flags) -> APIRouter:
    """Return the routes under /v1/me."""
    router = APIRouter(prefix="/v1/me", tags=["caller"], responses=problem_responses(414))
    example = {"description": "The answer.", "content": {"application/json": {"example": EXAMPLE}}}

    @router.get("/context", response_model=ContextAnswer, responses={200: example})
    async def get_context(request: Request) -> Response:
        """Return what was understood of the caller, where each part came from, what was dropped, and its view.

        A page that asks lays itself out by the view.
        """
        visitor: Visitor = request.scope[VISITOR]
        for choice in visitor.decisions.of_view.values():
            flags.used(choice, visitor.hashed)
        # As the front reads them: of a header that is sent twice the last counts.
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}
        decided = [choice for choice in visitor.decisions if choice.flag in flags.snapshot.flags]
        return Response(orjson.dumps(context_answer(visitor, decided, headers, current())), headers=JSON)

    return router


def context_answer(
    visitor: Visitor, decided: Sequence[Choice[Any]], headers: Mapping[str, str], request: RequestContext | None
) -> Json:
    """Return the JSON that says what was understood, and what flags had a say in it."""
    understood = visitor.program.understood
    caller = understood.caller
    return {
        "client_type": caller.client_type.word,
        "app_version": caller.app_version or None,
        "app_build": caller.app_build or None,
        "os_version": caller.os_version or None,
        "country": caller.country or None,
        "locale": caller.locale or None,
        "sources": dict(understood.sources),
        "user": _user_source(headers, request),
        "dropped": [asdict(each) for each in understood.dropped],
        "view": {name: choice.value for name, choice in visitor.decisions.of_view.items()},
        "flags": [
            {"flag": choice.flag, "variant": choice.variant or None, "reason": choice.reason} for choice in decided
        ],
        "request_id": request.request_id if request else "",
    }


def _user_source(headers: Mapping[str, str], request: RequestContext | None) -> str | None:
    user_id = caller_of(request).user_id if request else ""
    given = headers.get(USER_HEADER.lower())
    if user_id and given == user_id:
        return USER_HEADER
    # A name by chance is only kept where none was given.
    kept = given is None or f"{COOKIE}={user_id}" in headers.get("cookie", "")
    return "Cookie" if user_id and kept else None
