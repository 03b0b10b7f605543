"""Who asks: programs by their headers, persons by the name they give or keep."""

import re
from dataclasses import dataclass, field

import pytest

from backline.search.v1 import search_pb2 as pb
from services.edge.api.visitors import COOKIE
from services.kit.context import Caller, ClientType, current
from services.kit.grpc.metadata import caller_of
from tests.edge.api_edge import SEARCH, app, caller, telemetry

NAME = "0123456789abcdef" * 2
BY_COOKIE = {"cookie": f"theme=dark; {COOKIE}={NAME}"}


@dataclass
class Listening:
    """A search service that notes who asks it, and for what."""

    callers: list[Caller] = field(default_factory=list)
    requests: list[pb.SearchRequest] = field(default_factory=list)

    async def search(self, request: pb.SearchRequest) -> pb.SearchResponse:
        """Note the caller and the request."""
        context = current()
        assert context is not None
        self.callers.append(caller_of(context))
        self.requests.append(request)
        return pb.SearchResponse()

    suggest = SEARCH.suggest


async def ask(address: str = "/v1/search?q=x", **headers: str) -> tuple[Caller, pb.SearchRequest]:
    """Return who asked, as search hears it, and what for."""
    listening = Listening()
    async with caller(app(listening)) as client:
        await client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return listening.callers[0], listening.requests[0]


async def test_search_hears_who_asks() -> None:
    """What the headers say of program and person travels with the request."""
    who, _ = await ask(
        x_backline_client="car/8.9.30.463; os=14.1; country=SE", accept_language="sv-SE", x_backline_user="u-1"
    )
    assert who == Caller(ClientType.CAR, "8.9.30", "463", "14.1", "u-1", "SE", "sv-SE")


async def test_two_persons_with_the_same_program_are_told_apart() -> None:
    """What is remembered of a program is never taken for its user."""
    listening = Listening()
    async with caller(app(listening)) as client:
        for name in ("u-1", "u-2", "u-1"):
            await client.get("/v1/search?q=x", headers={"x-backline-client": "ios/1.0", "x-backline-user": name})
    assert [who.user_id for who in listening.callers] == ["u-1", "u-2", "u-1"]


@pytest.mark.parametrize(
    ("client", "asked", "size", "hides"),
    [
        ("web", "", 20, False),
        ("car", "", 4, True),
        ("car", "&limit=7&explicit=true", 7, False),
        ("tv", "", 24, True),
        ("web", "&explicit=false", 20, True),
    ],
)
async def test_defaults_follow_the_client_and_parameters_overrule_them(
    client: str,
    asked: str,
    size: int,
    hides: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A car gets few results and nothing explicit, unless it asks for something else."""
    _, request = await ask(f"/v1/search?q=x{asked}", x_backline_client=f"{client}/1.0")
    assert (request.page_size, request.hide_explicit) == (size, hides)


async def test_a_new_browser_gets_a_name_and_keeps_it() -> None:
    """The first visit sets a cookie that scripts and other sites never see; later ones come with it and set none."""
    async with caller(app()) as client:
        first = await client.get("/v1/search")
        cookie = first.headers["set-cookie"]
        assert re.match(f"{COOKIE}=[0-9a-f]{{32}};", cookie)
        assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        assert "set-cookie" not in (await client.get("/v1/search")).headers
        client.cookies.clear()
        assert (await client.get("/v1/search")).headers["set-cookie"] != cookie


async def test_where_browsers_come_by_https_the_cookie_goes_no_other_way() -> None:
    """A setting says that the site is reached by https."""
    async with caller(app(secure_cookies=True)) as client:
        assert (await client.get("/v1/search")).headers["set-cookie"].endswith("; Secure")


@pytest.mark.parametrize("address", ["/", "/web/app.js", "/openapi.json", "/nowhere"])
async def test_what_shared_caches_keep_has_no_cookie(address: str) -> None:
    """A file is everyone's, and must not hand one visitor's name to another."""
    async with caller(app()) as client:
        assert "set-cookie" not in (await client.get(address)).headers


async def test_the_name_in_a_cookie_is_the_visitors() -> None:
    """What a browser keeps is the name that services hear."""
    assert (await ask(**BY_COOKIE))[0].user_id == NAME
    assert (await ask(x_backline_user="u-1", **BY_COOKIE))[0].user_id == "u-1"


@pytest.mark.parametrize("name", ["", "x" * 65, "two words", "tab\there", "n\u00e4me"])
async def test_a_name_that_is_none_is_dropped_and_counted(name: str) -> None:
    """The person is unknown then, for this request only: no cookie is set on a program that has its own way."""
    instruments, listening = telemetry(), Listening()
    async with caller(app(listening, instruments=instruments)) as client:
        answer = await client.get("/v1/search?q=x", headers={b"x-backline-user": name.encode()})
    assert listening.callers[0].user_id not in ("", name)
    assert "set-cookie" not in answer.headers
    labels = {"attribute": "user_id"}
    assert instruments.registry.get_sample_value("backline_edge_dropped_attributes_total", labels) == 1


@pytest.mark.parametrize(
    ("headers", "source"),
    [
        ({}, "Cookie"),
        (BY_COOKIE, "Cookie"),
        ({"x-backline-user": "u-1", **BY_COOKIE}, "X-Backline-User"),
        ({"x-backline-user": "two words"}, None),
        ({"x-backline-user": "two words", **BY_COOKIE}, "Cookie"),
    ],
)
async def test_the_caller_is_told_where_its_name_came_from(headers: dict[str, str], source: str | None) -> None:
    """A name that is made for one request and forgotten came from nowhere."""
    async with caller(app()) as client:
        answer = await client.get("/v1/me/context", headers=headers)
    assert answer.json()["user"] == source


async def test_what_cannot_be_used_is_counted_by_its_name_and_never_by_what_was_sent() -> None:
    """Whatever clients send, the metric keeps the series that it began with."""
    instruments = telemetry()
    before = len(list(instruments.registry.collect()))
    async with caller(app(instruments=instruments)) as client:
        for header in ("toaster/1.0", "car/x", "car/1; shoe=9", "car/1; os=\x01"):
            await client.get("/v1/search", headers={b"x-backline-client": header.encode()})
    assert len(list(instruments.registry.collect())) == before
    samples = [
        sample
        for family in instruments.registry.collect()
        for sample in family.samples
        if sample.name == "backline_edge_dropped_attributes_total"
    ]
    assert sum(sample.value for sample in samples) >= 4
    assert {sample.labels["attribute"] for sample in samples} == {*Caller._fields, "header", "other"}
