"""Failures as problem+json, for applications on Starlette: `Starlette(routes, exception_handlers=REFUSALS)`."""

from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.kit.errors import Failure, Internal, Invalid
from services.kit.http.problem import BY_STATUS, CONTENT_TYPE, Problem, body, extra_headers, problem_of

_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


async def _refuse(_request: Request, refused: Exception) -> Response:
    """Answer with a problem, whatever went wrong; what is inside stays in the log."""
    if isinstance(refused, HTTPException):
        problem = BY_STATUS.get(refused.status_code, BY_STATUS[400])
        return _answer(problem, problem.title, refused.headers or {})
    failure = refused if isinstance(refused, Failure) else Internal("This could not be answered; the log says why.")
    field = failure.field if isinstance(failure, Invalid) else ""
    return _answer(problem_of(failure), str(failure), extra_headers(failure), field)


def _answer(problem: Problem, sentence: str, headers: Mapping[str, str], field: str = "") -> Response:
    return Response(body(problem, sentence, "", field), problem.status, {**_HEADERS, **headers}, CONTENT_TYPE)


REFUSALS: Final = {Failure: _refuse, HTTPException: _refuse, Exception: _refuse}
"""Handlers for failures, for what Starlette itself refuses, and for faults."""
