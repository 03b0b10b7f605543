"""GET /v1/me/context: a caller can see what was understood of it, and nobody's id in it."""

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from services.edge.api import context_models
from services.edge.api.context_models import EXAMPLE, ClientTypeName, ContextAnswer, Header
from services.edge.api.visitors import COOKIE
from services.edge.domain.facts import Source
from services.edge.domain.views import VIEWS
from services.kit.context import ClientType
from services.kit.flags.client.memory import FixedFlags
from services.kit.flags.decision import Reason
from tests.edge.api_edge import app, caller
from tests.edge.shipped import shipped

CAR = {
    "x-backline-client": "car/8.9.30.463; os=14.1; country=Sweden",
    "accept-language": "sv-SE",
    "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)",
}


async def told(headers: Mapping[str, str], flags: FixedFlags | None = None) -> dict[str, Any]:
    """Return what a caller with these headers is told; that it is as documented, field by field, is part of it."""
    async with caller(app(flags=flags)) as client:
        client.headers.clear()
        answer = await client.get("/v1/me/context", headers={**headers, "x-request-id": EXAMPLE["request_id"]})
    assert ContextAnswer.model_validate_json(answer.content).model_dump(mode="json") == answer.json()
    return dict(answer.json())


async def test_the_documented_example_is_an_answer() -> None:
    """What the documentation shows is what its request gets, field by field."""
    assert await told(CAR, shipped()) == EXAMPLE


@pytest.mark.parametrize("client_type", ClientType)
async def test_every_type_is_answered_as_documented(client_type: ClientType) -> None:
    """Whatever a client is, what it is told has exactly the documented fields, its own view among them."""
    answer = await told({"x-backline-client": client_type.word})
    assert answer["client_type"] == client_type.word
    assert answer["view"]["results"] == VIEWS[client_type].results
    assert answer["flags"] == []


async def test_nothing_said_is_nothing_known() -> None:
    """Without any of the headers everything is null and nothing was dropped."""
    answer = await told({"x-backline-user": "not a name"})
    assert (answer["client_type"], answer["locale"], answer["user"]) == ("unknown", None, None)
    assert (answer["sources"], answer["dropped"]) == ({}, [])


@pytest.mark.parametrize(
    ("headers", "source"),
    [({"x-backline-user": "0123" * 8}, "X-Backline-User"), ({"cookie": f"{COOKIE}={'0123' * 8}"}, "Cookie")],
)
async def test_a_person_is_known_but_not_named(headers: dict[str, str], source: str) -> None:
    """An answer says how the person is known, and never by which id."""
    answer = await told(headers)
    assert answer["user"] == source
    assert "0123" * 8 not in str(answer)


async def test_what_flags_had_a_say_is_told_whatever_it_was() -> None:
    """A variant by its name, a flag that is off, and one whose value will not do; what is not defined says nothing."""
    on = {"state": "ENABLED", "variants": {"a": 7, "b": 700}}
    flags = FixedFlags(
        {
            "view-results": {**on, "defaultVariant": "a"},
            "view-tracks": {**on, "defaultVariant": "b"},
            "view-examples": {**on, "defaultVariant": "a", "state": "DISABLED"},
            "nobody-asks": {**on, "defaultVariant": "a"},
        }
    )
    answer = await told({}, flags)
    assert answer["flags"] == [
        {"flag": "view-results", "variant": "a", "reason": "STATIC"},
        {"flag": "view-tracks", "variant": None, "reason": "ERROR"},
        {"flag": "view-examples", "variant": None, "reason": "DISABLED"},
    ]
    assert (answer["view"]["results"], answer["view"]["tracks"], answer["view"]["examples"]) == (7, 50, 6)


async def test_a_view_is_used_by_whoever_asks_for_it() -> None:
    """A page that asks lays itself out by the view, so that is when its flags take effect, and no others."""
    flags = shipped()
    await told(CAR, flags)
    assert {choice.flag: choice.variant for choice, _ in flags.told if choice.variant} == {
        "view-layout": "drive",
        "view-results": "drive",
        "view-explicit": "off",
    }


def test_the_documented_words_are_those_of_the_domain() -> None:
    """A new type or source cannot be left out of the documentation."""
    assert set(get_args(ClientTypeName)) == {each.word for each in ClientType}
    assert set(get_args(Header)) == set(Source)
    assert set(get_args(context_models.Reason)) == set(Reason)
