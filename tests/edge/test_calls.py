"""What is counted of requests, from the first moment on."""

import asyncio

import orjson

from services.edge.api.app import edge_app
from services.edge.signals import HTTP
from services.kit import ports
from services.kit.clock import ManualClock
from services.kit.http.bounds import Bounds
from services.kit.http.server import open_http_server
from services.kit.telemetry import Telemetry
from tests.edge.api_edge import CATALOG, SEARCH, app, caller, rules, telemetry


def counts(instruments: Telemetry) -> dict[tuple[str, str], float]:
    """Return all counts by route and code."""
    return {
        (sample.labels["method"], sample.labels["code"]): sample.value
        for family in instruments.registry.collect()
        for sample in family.samples
        if sample.name == HTTP.calls.name
    }


async def test_every_code_that_a_route_can_answer_is_there_from_the_start() -> None:
    """A rate over a counter that appears with its first failure misses that failure."""
    instruments = telemetry()
    async with caller(app(instruments=instruments)) as client:
        began = counts(instruments)
        assert set(began.values()) == {0}
        paths = (await client.get("/openapi.json")).json()["paths"].values()
    operations = [(method, operation) for item in paths for method, operation in item.items()]
    documented = {
        # What has a body is counted by what it is below of.
        (operation["operationId"] if method == "get" else "ofrep", status)
        for method, operation in operations
        for status in (*operation["responses"], "500", "405")
    }
    assert documented <= began.keys()
    assert len(began) < 200


async def test_no_request_makes_a_series_of_its_own() -> None:
    """Whatever is asked for, by whatever method, the series stay those of the start."""
    instruments = telemetry()
    async with caller(app(instruments=instruments)) as client:
        began = counts(instruments).keys()
        for method in ("GET", "HEAD", "POST", "OPTIONS", "BREW"):
            for address in (
                "/",
                "/web/x",
                "/made/up",
                "/v1/tracks/demo:t1",
                "/v1/search?q=a",
                "/v1/search?limit=x",
                "/ofrep/v1/x",
            ):
                await client.request(method, address)
        await client.get("/v1/search?q=" + "x" * 17_000)
        await client.request("GET", "/", content=b"x" * 70_000)
        await client.request("GET", "/v1/tracks/demo:t1", content=b"x" * 70_000)
    assert counts(instruments).keys() == began


async def test_a_request_that_cannot_be_read_is_counted_and_answered_with_its_id() -> None:
    """What the listener refuses before the application sees it is no blind spot."""
    instruments = telemetry()
    front = edge_app(SEARCH, CATALOG, rules(instruments), rendered_hits=100)
    listener = ports.listen("127.0.0.1", 0, "TOY_PORT")
    async with open_http_server(front, listener, 1, ManualClock(), Bounds(), front.unread) as address:
        reader, writer = await asyncio.open_connection(*ports.split_address(address))
        writer.write(b"EHLO there\r\n\r\n")
        head, _, content = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    assert head.startswith(b"HTTP/1.1 400 ")
    assert len(orjson.loads(content)["request_id"]) == 32
    assert counts(instruments)["other", "400"] == 1
