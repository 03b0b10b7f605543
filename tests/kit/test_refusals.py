"""Problems in place of Starlette's own answers: one shape for failures, wrong addresses and faults."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kit.errors import Conflict, Exhausted, Invalid
from services.kit.http.refusals import REFUSALS

RAISED = {
    "/invalid": Invalid("The age is no number.", field="age"),
    "/conflict": Conflict("It has changed."),
    "/exhausted": Exhausted("Too many.", retry_after_s=7),
    "/fault": RuntimeError("a secret of ours"),
}


async def fail(request: Request) -> Response:
    """Raise what the address names."""
    raise RAISED[request.url.path]


async def refused(path: str, method: str = "GET") -> httpx.Response:
    """Return the answer to a request that goes wrong."""
    app = Starlette(routes=[Route(path, fail) for path in RAISED], exception_handlers=REFUSALS)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("path", "method", "status", "sentence"),
    [
        ("/invalid", "GET", 422, "The age is no number."),
        ("/conflict", "GET", 409, "It has changed."),
        ("/exhausted", "GET", 429, "Too many."),
        ("/nowhere", "GET", 404, "Not found"),
        ("/conflict", "POST", 405, "Method not allowed"),
        ("/fault", "GET", 500, "This could not be answered; the log says why."),
    ],
)
async def test_whatever_goes_wrong_is_a_problem(path: str, method: str, status: int, sentence: str) -> None:
    """It says what is wrong in a sentence, nothing of what is inside, and nobody keeps it."""
    answer = await refused(path, method)
    assert (answer.status_code, answer.json()["status"], answer.json()["detail"]) == (status, status, sentence)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/problem+json", "no-store")
    assert "secret" not in answer.text


async def test_a_problem_says_where_it_is_and_what_would_help() -> None:
    """The field at fault, the seconds to wait, the methods there are."""
    assert (await refused("/invalid")).json()["field"] == "age"
    assert (await refused("/exhausted")).headers["retry-after"] == "7"
    assert "GET" in (await refused("/conflict", "POST")).headers["allow"]
