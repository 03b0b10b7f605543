"""What has a body is answered below its path, whatever the method, from a body that is whole and bounded."""

from collections.abc import AsyncGenerator, Mapping

import orjson
import pytest

from services.edge.api.bodies import MAX_BODY_BYTES, Below, whole_body
from services.edge.api.front import Front
from services.edge.api.refusals import Refused
from services.edge.api.reply import JSON_HEADERS, Reply
from services.edge.signals import HTTP
from services.kit.context import current
from services.kit.errors import Invalid
from services.kit.http.asgi import App, Message, Scope
from services.kit.telemetry import Telemetry
from tests.edge.api_edge import app, caller, rules, telemetry

ROUTE = "/toys/v1/"


async def toy(scope: Scope, body: bytes, headers: Mapping[bytes, bytes]) -> Reply:
    """Answer what was asked; refuse what says so."""
    if body == b"refuse":
        raise Invalid("It is not to be.", field="toy")
    told = {
        "method": scope["method"],
        "path": scope["path"],
        "bytes": len(body),
        "type": headers.get(b"content-type", b"").decode(),
        "in_a_request": current() is not None,
    }
    return Reply(200, (*JSON_HEADERS, (b"etag", b'"toy"')), orjson.dumps(told))


def edge(instruments: Telemetry | None = None) -> App:
    """Return a front with the toy below its path, and the whole edge behind."""
    return Front(app(), {}, {}, rules(instruments), [Below(ROUTE, "toy", (200, 422), toy)])


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE", "OPTIONS"])
async def test_every_method_reaches_what_is_below(method: str) -> None:
    """Address, body and headers arrive as they were sent, within the request's context."""
    async with caller(edge()) as client:
        answer = await client.request(method, f"{ROUTE}a/b", content=b"{}", headers={"content-type": "toy/toy"})
    told = {"method": method, "path": f"{ROUTE}a/b", "bytes": 2, "type": "toy/toy", "in_a_request": True}
    assert answer.json() == told


async def test_what_is_beside_goes_on_to_the_application() -> None:
    """Only what begins with the whole path is below it."""
    async with caller(edge()) as client:
        for address in ("/toys/v1", "/toys", "/v1/tracks/demo:no"):
            answer = await client.post(address)
            assert answer.status_code in (404, 405), address
        assert (await client.get("/v1/search?q=night")).status_code == 200


async def test_a_body_in_parts_arrives_whole() -> None:
    """A sender that does not know the length beforehand is heard to the end."""

    async def parts() -> AsyncGenerator[bytes, None]:
        for _ in range(64):
            yield b"x" * 1024

    async with caller(edge()) as client:
        assert (await client.post(ROUTE, content=parts())).json()["bytes"] == MAX_BODY_BYTES


async def test_a_body_is_bounded_whether_it_is_announced_or_not() -> None:
    """One byte too many is refused, as what it is."""

    async def unannounced() -> AsyncGenerator[bytes, None]:
        yield b"x" * MAX_BODY_BYTES
        yield b"x"

    contents: list[bytes | AsyncGenerator[bytes, None]] = [b"x" * (MAX_BODY_BYTES + 1), unannounced()]
    async with caller(edge()) as client:
        for content in contents:
            answer = await client.post(ROUTE, content=content)
            assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


async def test_half_a_body_is_never_taken_for_a_whole_one() -> None:
    """Where the sender leaves in between, nothing is answered from what has arrived."""
    messages: list[Message] = [
        {"type": "http.request", "body": b'{"context":{', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    with pytest.raises(Refused, match="ended before its end"):
        await whole_body(receive)


async def test_what_it_refuses_is_a_problem_document() -> None:
    """A failure below a path is told like any other."""
    async with caller(edge()) as client:
        answer = await client.post(ROUTE, content=b"refuse")
    assert (answer.status_code, answer.json()["field"]) == (422, "toy")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_its_requests_are_counted_by_its_name() -> None:
    """However many addresses there are below it, they are one route."""
    instruments = telemetry()
    async with caller(edge(instruments)) as client:
        for address in ("a", "b", "c/d"):
            await client.post(ROUTE + address)
        await client.post(ROUTE, content=b"refuse")

    def count(code: str) -> float | None:
        return instruments.registry.get_sample_value(HTTP.calls.name, {"method": "toy", "code": code})

    assert (count("200"), count("422"), count("500")) == (3, 1, 0)


async def test_its_answers_are_fitted_like_all_others() -> None:
    """Who has the answer is told just that; HEAD has no body; the answer names the request."""
    async with caller(edge()) as client:
        again = await client.post(ROUTE, headers={"if-none-match": '"toy"'})
        head = await client.head(ROUTE)
    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")
    assert "x-request-id" in again.headers
