"""The one table between the kit's failures and HTTP: problem+json (RFC 9457)."""

from dataclasses import dataclass

import orjson

from services.kit.errors import (
    Conflict,
    Denied,
    Exhausted,
    Failure,
    Internal,
    Invalid,
    NotFound,
    TooLate,
    Unavailable,
)

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer other than success. `type` is relative: `/problems/<slug>`."""

    status: int
    slug: str
    title: str


PROBLEMS: dict[type[Failure], Problem] = {
    NotFound: Problem(404, "not-found", "Not found"),
    Invalid: Problem(422, "invalid", "The request cannot be answered as it stands"),
    Denied: Problem(403, "denied", "Not allowed"),
    Conflict: Problem(409, "conflict", "In conflict with the present state"),
    Exhausted: Problem(429, "exhausted", "Too much at once"),
    Unavailable: Problem(503, "unavailable", "Not available for now"),
    TooLate: Problem(504, "too-late", "Not answered in time"),
    Internal: Problem(500, "internal", "A fault of ours"),
}
BY_STATUS = {problem.status: problem for problem in PROBLEMS.values()} | {
    400: Problem(400, "unreadable", "Not a request that can be read"),
    405: Problem(405, "method-not-allowed", "Method not allowed"),
    408: Problem(408, "too-slow", "Request not received in time"),
    413: Problem(413, "too-large", "Request too large"),
    414: Problem(414, "too-large", "Address too long"),
    421: Problem(421, "misdirected", "Not known by this name"),
    431: Problem(431, "too-large", "Request headers too large"),
}


def problem_of(failure: Failure) -> Problem:
    """Return the problem of a failure; its nearest class in the table decides."""
    return next(PROBLEMS[kind] for kind in type(failure).__mro__ if kind in PROBLEMS)


def body(problem: Problem, detail: str, request_id: str, field: str = "") -> bytes:
    """Return the problem as JSON; `request_id` finds it in the logs, `field` names the part at fault."""
    named = {"field": field} if field else {}
    return orjson.dumps(
        {
            "type": f"/problems/{problem.slug}",
            "title": problem.title,
            "status": problem.status,
            "detail": detail,
            "request_id": request_id,
            **named,
        }
    )


def extra_headers(failure: Failure) -> dict[str, str]:
    """Return the headers that a failure brings: Retry-After where it says when to come back."""
    if isinstance(failure, Exhausted):
        return {"retry-after": str(max(1, round(failure.retry_after_s)))}
    return {"retry-after": "1"} if isinstance(failure, Unavailable) else {}
