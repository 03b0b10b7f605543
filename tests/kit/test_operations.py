"""The operations listener, and the HTTP server under it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter  # noqa: TID251 - a registry by hand is what is looked at

from services.kit import ports
from services.kit.clock import ManualClock, SystemClock
from services.kit.errors import Conflict
from services.kit.http.asgi import App, Receive, Scope, Send, respond
from services.kit.http.operations import operations_app
from services.kit.http.server import open_http_server
from services.kit.lifecycle import Health, Phase
from services.kit.settings import Secret, setting


@dataclass(frozen=True, slots=True)
class ToySettings:
    """Settings with a secret in them."""

    size: int = setting(3, "How big.")
    key: Secret = setting(Secret("hush"), "A secret.")


@asynccontextmanager
async def served(app: App) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Serve the application and open a client of it."""
    listener = ports.listen("127.0.0.1", 0, "TOY_PORT")
    async with (
        open_http_server(app, listener, 5, SystemClock()) as address,
        httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as client,
    ):
        yield client


async def test_the_listener_shows_metrics_health_and_settings() -> None:
    """Each page has its promise: metrics as Prometheus has them, readiness by phase, secrets masked."""
    registry, health = CollectorRegistry(), Health()
    Counter("toy_total", "Toys.", registry=registry).inc(2)
    async with served(operations_app(registry, ManualClock(), health, ToySettings())) as client:
        assert "toy_total 2.0" in (await client.get("/metrics")).text
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
        await health.set(Phase.SERVING)
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/settings")).json() == {"size": 3, "key": "***"}
        assert (await client.get("/nowhere")).status_code == 404
        assert (await client.post("/metrics")).status_code == 405
        head = await client.head("/metrics")
        assert (head.status_code, head.content) == (200, b"")


async def test_a_service_mounts_pages_of_its_own() -> None:
    """What is below the mounted part of the path goes to the service's own application, whatever the method."""

    async def own(scope: Scope, _receive: Receive, send: Send) -> None:
        await respond(scope, send, 200, [], f"{scope['method']} {scope['path']}".encode())

    mounted: dict[str, App] = {}
    async with served(operations_app(CollectorRegistry(), ManualClock(), Health(), ToySettings(), mounted)) as client:
        assert (await client.get("/own/thing")).status_code == 404
        mounted["/own"] = own
        assert (await client.get("/own")).text == "GET /own"
        assert (await client.post("/own/thing")).text == "POST /own/thing"
        assert "/own" in (await client.get("/owned")).json()["pages"]


async def test_metrics_are_rendered_at_most_once_a_second() -> None:
    """Scrapes in a row share one rendering; a second later the next is fresh."""
    registry, clock = CollectorRegistry(), ManualClock()
    counter = Counter("toy_total", "Toys.", registry=registry)
    async with served(operations_app(registry, clock, Health(), ToySettings())) as client:
        assert "toy_total 0.0" in (await client.get("/metrics")).text
        counter.inc()
        assert "toy_total 0.0" in (await client.get("/metrics")).text
        clock.advance(1)
        assert "toy_total 1.0" in (await client.get("/metrics")).text


async def test_a_taken_port_is_one_clear_sentence() -> None:
    """The sentence names the port and the setting that moves it."""
    with ports.listen("127.0.0.1", 0, "TOY_PORT") as first:
        port = first.getsockname()[1]
        with pytest.raises(Conflict, match=f"Port {port} on 127.0.0.1 is taken .* TOY_PORT"):
            ports.listen("127.0.0.1", port, "TOY_PORT")


async def test_a_stop_lets_requests_under_way_finish() -> None:
    """A request that was taken is answered whole, though the server is closing."""
    begun = asyncio.Event()

    async def slow(scope: Scope, _receive: Receive, send: Send) -> None:
        begun.set()
        await asyncio.sleep(0.2)
        await respond(scope, send, 200, [], b"whole")

    async with asyncio.TaskGroup() as group, httpx.AsyncClient(trust_env=False) as client:
        listener = ports.listen("127.0.0.1", 0, "TOY_PORT")
        async with open_http_server(slow, listener, 5, SystemClock()) as address:
            request = group.create_task(client.get(f"http://{address}/"))
            await begun.wait()
        assert (await request).content == b"whole"


@pytest.mark.parametrize(
    ("text", "expected"), [("127.0.0.1:80", ("127.0.0.1", 80)), ("[::1]:80", ("::1", 80)), ("name:1", ("name", 1))]
)
def test_addresses_are_split_and_joined(text: str, expected: tuple[str, int]) -> None:
    """What is joined is split into the same parts."""
    assert ports.split_address(text) == expected
    assert ports.address(*expected) == text
