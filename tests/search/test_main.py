"""An open search service: what it serves with and without an indexer, and what its operations port says of it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import orjson
import pytest

from services.kit import ports
from services.kit.clock import SystemClock
from services.kit.errors import Invalid
from services.kit.http.asgi import Receive, Scope, Send, respond
from services.kit.http.server import open_http_server
from services.kit.lifecycle import background
from services.kit.process import Surroundings
from services.search.clients.indexer import MemoryIndexer
from services.search.domain.rollout import Assignment, Report
from services.search.main import open_search
from services.search.settings import SearchSettings
from tests.search.machine import Publisher, assigned

NOWHERE = "127.0.0.1:1"
SETTINGS = SearchSettings(grpc_port=0, operations_port=0, indexer=NOWHERE, flags=NOWHERE, poll_s=0.05)


@asynccontextmanager
async def page(address: str) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Open a client of an operations port."""
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as client:
        yield client


@asynccontextmanager
async def served(indexer: MemoryIndexer) -> AsyncGenerator[str, None]:
    """Serve an indexer as its operations port does, and give its address."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["path"] == "/index/assignment":
            query = httpx.QueryParams(scope["query_string"].decode())
            assignment = await indexer.assignment(Report(**query))
            fields = {"generation": assignment.generation, "delta": assignment.delta, "keep": [*assignment.keep]}
            await respond(scope, send, 200, (), orjson.dumps(fields))
        else:
            path = indexer.folder / scope["path"].removeprefix("/index/generations/")
            await respond(scope, send, 200, (), path.read_bytes())

    listener = ports.listen("127.0.0.1", 0, "INDEXER_PORT")
    async with open_http_server(app, listener, 5, SystemClock()) as address:
        yield address


def publisher_here(surroundings: Surroundings) -> Publisher:
    """Return a publisher into the folder that the processes of this machine share."""
    return Publisher(surroundings.shared_folder("index"))


async def test_without_an_indexer_search_serves_what_is_here(surroundings: Surroundings) -> None:
    """It is ready, and says that the indexer does not answer."""
    generation = publisher_here(surroundings).generation("Moon")
    async with open_search(SETTINGS, surroundings) as running, page(running.addresses["operations"]) as client:
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["dependencies"]["indexer"]) == (200, "does not answer")
        assert generation.name in (await client.get("/index")).text


async def test_without_anything_to_serve_search_waits(surroundings: Surroundings) -> None:
    """It is not ready and says what it waits for, and its opening goes on as soon as an indexer has something."""
    publisher = Publisher(surroundings.settings.home / "there")
    indexer = publisher.indexer
    ready = asyncio.Event()
    listener = ports.listen("127.0.0.1", 0, "ANY")
    operations = "{}:{}".format(*listener.getsockname())
    listener.close()

    async def open_it(address: str) -> None:
        settings = replace(SETTINGS, indexer=address, operations_port=int(operations.rpartition(":")[2]))
        async with open_search(settings, surroundings):
            ready.set()
            await asyncio.Event().wait()

    async with served(indexer) as address, background(open_it(address)), page(operations) as client:
        while not indexer.reports:  # noqa: ASYNC110 - it asks by polling
            await asyncio.sleep(0.01)
        report = await client.get("/readyz")
        assert (report.status_code, report.json()["waiting_for"]) == (503, "index")
        assert not ready.is_set()
        indexer.assigned = assigned(publisher.generation("Moon"))
        await ready.wait()
        assert (await client.get("/readyz")).status_code == 200


async def test_metrics_show_what_is_served(surroundings: Surroundings) -> None:
    """Documents, delta, swaps and refusals, the last two from the start."""
    publisher = publisher_here(surroundings)
    base = publisher.generation("Moon", "River", "Sun")
    delta = publisher.delta(base, "Lantern", hidden=[1, 2])
    indexer = MemoryIndexer(publisher.folder, assigned(base, delta))
    async with (
        served(indexer) as address,
        open_search(replace(SETTINGS, indexer=address), surroundings) as running,
        page(running.addresses["operations"]) as client,
    ):
        lines = (await client.get("/metrics")).text.splitlines()
    for line in (
        'backline_search_index_documents{kind="track"} 3.0',
        "backline_search_delta_documents 1.0",
        "backline_search_delta_hidden_documents 2.0",
        'backline_search_index_swaps_total{change="generation"} 1.0',
        'backline_search_index_swaps_total{change="back"} 0.0',
        'backline_search_index_refusals_total{reason="damaged"} 0.0',
        "backline_search_index_assigned_state 1.0",
        'backline_search_cache_reads_total{outcome="hit"} 0.0',
        "backline_search_backlog_seconds 0.0",
    ):
        assert line in lines


async def test_what_was_served_last_is_served_again(surroundings: Surroundings) -> None:
    """After a restart without an indexer that is the generation it was told, although a newer one lies there."""
    publisher = publisher_here(surroundings)
    told = publisher.generation("Moon")
    newer = publisher.generation("River")
    indexer = MemoryIndexer(publisher.folder, Assignment(told.name, keep=frozenset({newer.name})))
    async with served(indexer) as address, open_search(replace(SETTINGS, indexer=address), surroundings):
        pass
    async with open_search(SETTINGS, surroundings) as running, page(running.addresses["operations"]) as client:
        assert told.name in (await client.get("/index")).text


@pytest.mark.parametrize(
    "settings", [replace(SETTINGS, sources_off="prefix, telepathy"), replace(SETTINGS, indexer="x")]
)
async def test_settings_that_cannot_be_are_refused(surroundings: Surroundings, settings: SearchSettings) -> None:
    """A source that there is not, or an address that is none, ends the start in one sentence."""
    with pytest.raises(Invalid, match=r"telepathy|no address"):
        async with open_search(settings, surroundings):
            pass
