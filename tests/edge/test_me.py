"""GET /v1/me/context: a caller can see what was understood of it, and nobody's id in it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import get_args

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from services.edge.api.context_models import EXAMPLE, ClientTypeName, ContextAnswer, Header
from services.edge.api.me import me_routes
from services.edge.domain.facts import Source
from services.edge.domain.views import VIEWS
from services.kit.context import Caller, ClientType, RequestContext, entered
from services.kit.grpc.metadata import encode_caller, with_user

REQUEST_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CAR = {
    "x-backline-client": "car/8.9.30.463; os=14.1; country=Sweden",
    "accept-language": "sv-SE",
    "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)",
}


def within(app: ASGIApp, user_id: str) -> ASGIApp:
    """Return the application, each request in a context as the front makes it."""
    caller = with_user(encode_caller(Caller()), user_id)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        with entered(RequestContext(REQUEST_ID, 1.0, encoded_caller=caller)):
            await app(scope, receive, send)

    return serve


@asynccontextmanager
async def edge(user_id: str = "") -> AsyncGenerator[httpx.AsyncClient, None]:
    """Open a client of the route alone."""
    app = FastAPI(telemetry={"tracing": False, "metrics": False})
    app.include_router(me_routes())
    transport = httpx.ASGITransport(within(app, user_id))
    async with httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
        client.headers.clear()
        yield client


async def test_the_documented_example_is_an_answer() -> None:
    """What the documentation shows is what its request gets, field by field."""
    async with edge("5f2c") as client:
        answer = (await client.get("/v1/me/context", headers=CAR)).json()
    assert answer == EXAMPLE
    assert ContextAnswer.model_validate(answer).model_dump(mode="json") == answer


@pytest.mark.parametrize("client_type", ClientType)
async def test_every_type_is_answered_as_documented(client_type: ClientType) -> None:
    """Whatever a client is, what it is told has exactly the documented fields, its own view among them."""
    async with edge() as client:
        answer = await client.get("/v1/me/context", headers={"x-backline-client": client_type.word})
    assert ContextAnswer.model_validate_json(answer.content).model_dump(mode="json") == answer.json()
    assert answer.json()["client_type"] == client_type.word
    assert answer.json()["view"]["results"] == VIEWS[client_type].results


async def test_nothing_said_is_nothing_known() -> None:
    """Without any of the headers everything is null and nothing was dropped."""
    async with edge() as client:
        answer = (await client.get("/v1/me/context")).json()
    assert (answer["client_type"], answer["locale"], answer["user"]) == ("unknown", None, None)
    assert (answer["sources"], answer["dropped"]) == ({}, [])


@pytest.mark.parametrize(
    ("headers", "source"), [({"x-backline-user": "person-7"}, "X-Backline-User"), ({"cookie": "u=person-7"}, "Cookie")]
)
async def test_a_person_is_known_but_not_named(headers: dict[str, str], source: str) -> None:
    """An answer says how the person is known, and never by which id."""
    async with edge("person-7") as client:
        answer = await client.get("/v1/me/context", headers=headers)
    assert answer.json()["user"] == source
    assert "person-7" not in answer.text


def test_the_documented_words_are_those_of_the_domain() -> None:
    """A new type or source cannot be left out of the documentation."""
    assert set(get_args(ClientTypeName)) == {each.word for each in ClientType}
    assert set(get_args(Header)) == set(Source)
