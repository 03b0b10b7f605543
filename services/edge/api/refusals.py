"""The edge's one door for errors: whatever goes wrong becomes one problem document."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.edge.api.reply import Reply
from services.kit.context import current
from services.kit.errors import Exhausted, Failure, Internal, TooLate, Unavailable
from services.kit.http.asgi import encoded
from services.kit.http.problem import BY_STATUS, CONTENT_TYPE, Problem, body, extra_headers, problem_of

_OUTSIDE = {"query": "q", "page_size": "limit", "page_token": "cursor"}
"""Names that fields of messages inside have as parameters outside."""
_SENTENCES = {404: "There is nothing at this address.", 405: "This address does not take that method."}

_OF_THE_INSIDE: Mapping[type[Failure], str] = {
    Unavailable: "A part that is needed is not available for now; try again in a moment.",
    Exhausted: "There is too much to do at once; try again in a moment.",
    TooLate: "The answer was not ready in time.",
}
"""What callers are told of failures whose own sentences are for whoever runs the system: they name what is inside."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as the caller gets it."""

    problem: Problem
    detail: str
    field: str = ""
    headers: Mapping[str, str] | None = None

    def body(self) -> bytes:
        """Return the problem document."""
        request = current()
        return body(self.problem, self.detail, request.request_id if request else "", self.field)

    def reply(self) -> Reply:
        """Return the answer."""
        return Reply(self.problem.status, encoded(self.all_headers()), self.body())

    def all_headers(self) -> dict[str, str]:
        """Return the headers of the answer."""
        return {"content-type": CONTENT_TYPE, "cache-control": "no-store", **(self.headers or {})}


class Refused(Exception):  # noqa: N818 - an outcome by name, like the kit's failures
    """Ends a request with a status that is HTTP's own and no failure of the kit's."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.refusal = Refusal(BY_STATUS[status], detail, headers=headers)


def refusal_of(error: Exception) -> Refusal:
    """Return what the caller is told of an error; of a fault of ours only that it is one."""
    match error:
        case Refused():
            return error.refusal
        case Failure():
            named = getattr(error, "field", "")
            detail = next((text for kind, text in _OF_THE_INSIDE.items() if isinstance(error, kind)), str(error))
            return Refusal(problem_of(error), detail, _OUTSIDE.get(named, named), extra_headers(error))
        case RequestValidationError():
            return _invalid(error)
        case HTTPException() if error.status_code in BY_STATUS:
            detail = _SENTENCES.get(error.status_code, str(error.detail))
            return Refusal(BY_STATUS[error.status_code], detail, headers=error.headers)
        case _:
            return refusal_of(Internal("Something went wrong here; the log says what, by the request's id."))


def _invalid(error: RequestValidationError) -> Refusal:
    """Name the first parameter at fault, under the name that the caller gave it."""
    first = error.errors()[0]
    named = str(first["loc"][-1])
    return Refusal(BY_STATUS[422], f"{named}: {first['msg']}.", named)


async def refuse(_request: Request, error: Exception) -> Response:
    """Answer an error that came up in the framework."""
    refusal = refusal_of(error)
    return Response(refusal.body(), refusal.problem.status, refusal.all_headers())


REFUSED_BY_FRAMEWORK = (Failure, HTTPException, RequestValidationError, Exception)
"""What the framework hands to `refuse`."""
