"""The edge's API: answers as documented, errors as problem documents, nothing that leaks."""

import json
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from backline.search.v1 import search_pb2 as search
from services.edge.api import examples, models
from services.edge.api.site import POLICY
from services.edge.clients.search import MemorySearch
from services.kit.errors import Exhausted, NotFound, TooLate, Unavailable
from tests.edge.api_edge import SEARCH, Failing, FailingCatalog, app, caller, telemetry

DOCUMENTED: dict[str, type[BaseModel]] = {
    "/v1/search?q=night": models.SearchAnswer,
    "/v1/search?q=night&limit=1": models.SearchAnswer,
    "/v1/search?q=night&matches=true": models.SearchAnswer,
    "/v1/search?q=nihgt": models.SearchAnswer,
    "/v1/search": models.SearchAnswer,
    "/v1/suggest?q=night": models.SuggestAnswer,
    "/v1/tracks/demo:t1": models.Track,
    "/v1/tracks/demo:t2": models.Track,
    "/v1/albums/demo:r1": models.Album,
    "/v1/artists/demo:a1": models.Artist,
    "/v1/albums/demo:r1/tracks": models.TrackPage,
    "/v1/artists/demo:a1/tracks": models.TrackPage,
}

PROBLEMS = {"/v1/me/context": ("414",)}
"""What may go wrong where no parameter is taken and no other service asked."""


async def get(address: str, **headers: str) -> httpx.Response:
    """Get an address of an edge over in-memory services."""
    async with caller(app()) as client:
        return await client.get(address, headers=headers)


@pytest.mark.parametrize("address", DOCUMENTED)
async def test_an_answer_has_exactly_the_documented_fields(address: str) -> None:
    """What the documentation says of an answer is the answer: no field more, none less."""
    answer = await get(address)
    assert answer.status_code == 200
    model = DOCUMENTED[address].model_validate_json(answer.content)
    assert model.model_dump(mode="json", exclude_unset=True) == answer.json()


@pytest.mark.parametrize(
    ("example", "model"),
    [
        (examples.SEARCH, models.SearchAnswer),
        (examples.SUGGEST, models.SuggestAnswer),
        (examples.TRACK, models.Track),
        (examples.ALBUM, models.Album),
        (examples.ARTIST, models.Artist),
        (examples.TRACK_PAGE, models.TrackPage),
    ],
)
def test_examples_are_answers(example: dict[str, Any], model: type[BaseModel]) -> None:
    """An example in the documentation could have been an answer."""
    assert model.model_validate(example).model_dump(mode="json", exclude_unset=True) == example


async def test_every_documented_route_has_an_example_and_its_problems() -> None:
    """Whoever reads the documentation sees an answer of each route, and what it says when it cannot answer."""
    document = (await get("/openapi.json")).json()
    assert len(document["paths"]) == 10
    for path, operations in document["paths"].items():
        ((method, operation),) = operations.items()
        responses = operation["responses"]
        assert "example" in responses["200"]["content"]["application/json"], path
        for status in PROBLEMS.get(path, ("414", "422", "503", "504") if method == "get" else ("413", "414")):
            assert "application/problem+json" in responses[status]["content"], path


async def test_what_an_answer_mentions_and_is_gone_is_left_out() -> None:
    """A dangling id is no error: the rest of the answer is good."""
    track = (await get("/v1/tracks/demo:t1")).json()
    assert track["artists"] == [{"id": "demo:a1", "name": "Nightbus"}]
    assert track["albums"] == [{"id": "demo:r1", "title": "Last Stop", "position": 2}]


async def test_unknown_figures_are_null() -> None:
    """Zero on the wire inside means unknown, and outside it says so."""
    track = (await get("/v1/tracks/demo:t2")).json()
    assert (track["duration_ms"], track["release_year"], track["isrc"]) == (None, None, None)


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/v1/search?limit=0", "limit"),
        ("/v1/search?limit=51", "limit"),
        ("/v1/search?limit=", "limit"),
        ("/v1/search?q=a&q=b", "q"),
        ("/v1/search?limit=ten", "limit"),
        ("/v1/search?limit=%D9%A3", "limit"),
        ("/v1/search?kinds=song", "kinds"),
        ("/v1/search?kinds=track,", "kinds"),
        ("/v1/search?kinds=", "kinds"),
        ("/v1/search?market=se", "market"),
        ("/v1/search?explicit=maybe", "explicit"),
        ("/v1/search?prefer_clean=perhaps", "prefer_clean"),
        ("/v1/search?matches=all", "matches"),
        ("/v1/search?q=" + "x" * 201, "q"),
        ("/v1/search?q=" + "x" * 10_000, "q"),
        ("/v1/suggest?q=" + "%00" * 201, "q"),
        ("/v1/suggest?limit=21", "limit"),
        ("/v1/artists/demo:a1/tracks?limit=0", "limit"),
        ("/v1/albums/demo:r1/tracks?limit=101", "limit"),
    ],
)
async def test_a_parameter_that_cannot_be_used_is_named(address: str, field: str) -> None:
    """A caller learns which parameter is at fault and what it should be."""
    answer = await get(address)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] == field


STRANGE = [
    "",
    "%20%20",
    "%00",
    "%1b%5b2J",
    "%ff%fe",
    "\xff",
    "%F0%9F%8E%B5",
    "a%20OR%20b",
    "NEAR(a%20b,%202)%20AND%20title:*",
    '"',
    "'",
    "%E2%80%AE",
    "*",
    "%ED%A0%80",
    "%F0%9F%8E%B5" * 200,
]


@pytest.mark.parametrize("route", ["search", "suggest"])
@pytest.mark.parametrize("query", STRANGE)
async def test_no_query_is_too_strange(query: str, route: str) -> None:
    """Whatever a person or a fuzzer types has an answer."""
    answer = await get(f"/v1/{route}?q={query}")
    assert answer.status_code == 200
    assert answer.json()["results" if route == "search" else "suggestions"] == []


async def test_results_say_why_they_are_there_to_who_asks() -> None:
    """With matches=true each result names what found it and where, in code points; without, it says nothing of it."""
    address = "/v1/search?q=night&limit=3"
    plain, told = (await get(address)).json(), (await get(f"{address}&matches=true")).json()
    assert [each.pop("match") for each in told["results"]] == [
        {"source": "memory", "title": [[0, 5]], "credit": []},
        {"source": "memory", "title": [[0, 5]], "credit": []},
        {"source": "memory", "title": [[6, 11]], "credit": []},
    ]
    assert told["results"] == plain["results"]


async def test_a_correction_is_told() -> None:
    """Whoever mistyped learns what was searched for instead, and what was typed stays what was typed."""
    answer = (await get("/v1/search?q=nihgt")).json()
    assert answer["query"] == "nihgt"
    assert answer["correction"] == {"query": "night", "changed": [[0, 5]]}
    assert (await get("/v1/search?q=night")).json()["correction"] is None


async def test_an_answer_names_the_index_that_gave_it() -> None:
    """The generation always, and the delta where there is one."""
    assert (await get("/v1/search?q=night")).json()["index_delta"] is None
    async with caller(app(MemorySearch([], index_delta="delta-1"))) as client:
        answer = (await client.get("/v1/search?q=night")).json()
    assert (answer["index_generation"], answer["index_delta"]) == ("gen-memory", "delta-1")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["demo:t1", "demo:t2"]),
        ("&prefer_clean=true", ["demo:t2", "demo:t1"]),
        ("&explicit=false", ["demo:t2"]),
    ],
)
async def test_what_is_explicit_can_stand_behind(asked: str, found: list[str]) -> None:
    """Whoever prefers clean tracks still finds the others, after them; whoever wants none of them finds none."""
    answer = (await get(f"/v1/search?q=night&kinds=track{asked}")).json()
    assert [each["id"] for each in answer["results"]] == found


async def test_a_page_of_results_leads_to_the_next() -> None:
    """The cursor of one page gets the next, and the last has none."""
    async with caller(app()) as client:
        first = (await client.get("/v1/search?q=night&limit=3")).json()
        second = (
            await client.get("/v1/search", params={"q": "night", "limit": 3, "cursor": first["next_cursor"]})
        ).json()
    assert [result["id"] for result in first["results"] + second["results"]] == [
        "demo:a1",
        "demo:r1",
        "demo:t1",
        "demo:t2",
    ]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/web/absent.js", 404),
        ("GET", "/web/..%2Fmain.py", 404),
        ("GET", "/v1/tracks/demo:nobody", 404),
        ("GET", "/v1/tracks/x", 422),
        ("POST", "/v1/search", 405),
        ("DELETE", "/v1/tracks/demo:t1", 405),
        ("PUT", "/", 405),
        ("GET", "/v1/search?q=" + "x" * 33_000, 414),
    ],
)
async def test_every_error_is_a_problem_document(method: str, address: str, status: int) -> None:
    """Whoever handles one error of ours handles them all."""
    async with caller(app()) as client:
        answer = await client.request(method, address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "request_id"} <= problem.keys()
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]


async def test_a_405_says_what_is_allowed() -> None:
    """HTTP asks for it, and a person who tries is helped."""
    async with caller(app()) as client:
        assert "GET" in (await client.post("/v1/search")).headers["allow"]
        assert "GET" in (await client.post("/v1/artists/demo:a1")).headers["allow"]


async def test_a_body_over_the_bound_is_refused_before_it_is_read() -> None:
    """No route takes a body, so no large one is waited for."""
    async with caller(app()) as client:
        answer = await client.request("GET", "/v1/search", content=b"x" * 70_000)
    assert answer.status_code == 413


async def test_head_is_get_without_the_body() -> None:
    """A HEAD request has the headers of the answer that GET would give."""
    async with caller(app()) as client:
        for address in ("/v1/search?q=night", "/v1/artists/demo:a1", "/", "/web/app.js"):
            get_answer, head = await client.get(address), await client.head(address)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-length"] == get_answer.headers["content-length"]


@pytest.mark.parametrize(
    ("failure", "status", "retry_after"),
    [
        (Unavailable("The database 'catalogue' at 10.1.2.3 is away."), 503, "1"),
        (TooLate("The database 'catalogue' is late."), 504, None),
        (Exhausted("The database 'catalogue' is full.", retry_after_s=3), 429, "3"),
    ],
)
@pytest.mark.parametrize("address", ["/v1/search?q=x", "/v1/tracks/demo:t1"])
async def test_what_gives_way_inside_is_told_without_its_name(
    failure: Exception, status: int, retry_after: str | None, address: str
) -> None:
    """A caller hears what kind of failure it is and when to come back, and nothing of how the system is built."""
    async with caller(app(Failing(failure), FailingCatalog(failure=failure))) as client:
        answer = await client.get(address)
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == retry_after
    assert answer.json()["detail"]
    assert "database" not in answer.text


async def test_what_is_not_there_is_told_by_name() -> None:
    """A sentence that is for the caller reaches the caller."""
    async with caller(app(Failing(NotFound("There is no such thing.")))) as client:
        answer = await client.get("/v1/search?q=x")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such thing.")


@pytest.mark.parametrize("address", ["/v1/search?q=x", "/v1/tracks/demo:t1"])
async def test_a_fault_of_ours_says_nothing_of_what_is_inside(address: str) -> None:
    """An exception that nobody expected is a 500 without detail, on every kind of route."""
    broken = app(Failing(RuntimeError("secret detail")), FailingCatalog(failure=RuntimeError("secret detail")))
    async with caller(broken) as client:
        answer = await client.get(address)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("sent", "kept"), [("request-12345", True), ("short", False), ("x" * 65, False), ("bad id!", False)]
)
async def test_a_request_id_is_kept_where_it_is_one(sent: str, kept: bool) -> None:  # noqa: FBT001 - a parameter
    """A caller may name its request, in letters that are safe in every log."""
    answer = await get("/v1/search?q=x", **{"x-request-id": sent})
    assert (answer.headers["x-request-id"] == sent) is kept


async def test_degraded_answers_say_so_and_are_counted() -> None:
    """An answer that left something out is honest about it, in the answer and in a metric."""

    class Hurried:
        """A search service that had no time to look everywhere."""

        async def search(self, _request: search.SearchRequest) -> search.SearchResponse:
            """Answer with nothing but the excuse."""
            return search.SearchResponse(degraded=["candidates_cut"])

        suggest = SEARCH.suggest

    instruments = telemetry()
    async with caller(app(Hurried(), instruments=instruments)) as client:
        answer = await client.get("/v1/search?q=x")
    assert answer.json()["degraded"] == ["candidates_cut"]
    name, labels = "backline_edge_degraded_answers_total", {"reason": "candidates_cut"}
    assert instruments.registry.get_sample_value(name, labels) == 1


async def test_requests_are_counted_by_route_and_code() -> None:
    """Counts are by route, never by address, so that nobody can make new series."""
    instruments = telemetry()
    async with caller(app(instruments=instruments)) as client:
        for address in ("/v1/search?q=x", "/v1/tracks/demo:t1", "/v1/tracks/demo:t2", "/v1/tracks/a:b", "/made/up"):
            await client.get(address)

    def count(method: str, code: str) -> float | None:
        labels = {"method": method, "code": code}
        return instruments.registry.get_sample_value("backline_edge_http_calls_total", labels)

    assert count("search", "200") == 1
    assert count("get_track", "200") == 2
    assert count("get_track", "404") == 1
    assert count("other", "404") == 1


@pytest.mark.parametrize("address", ["/", "/docs", "/tracks/demo:t1", "/albums/any", "/artists/any", "/web/app.js"])
async def test_the_page_comes_with_a_strict_policy_and_a_tag(address: str) -> None:
    """Nothing from elsewhere runs on the page, and an unchanged file is not sent twice."""
    answer = await get(address)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = await get(address, **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_document_is_json_that_parses() -> None:
    """The OpenAPI document refers only to schemas that it has."""
    document = await get("/openapi.json")
    text = document.text
    schemas = json.loads(text)["components"]["schemas"]
    assert {name.split('"')[0] for name in text.split("#/components/schemas/")[1:]} <= schemas.keys()
