"""The index under real processes: replaced, rolled back, its maker killed, and nobody who searches notices."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.kit.admin import admin_token, bearer
from services.kit.lifecycle import background
from tests.stack.processes import Up, backline, up

PATIENT = {
    "BACKLINE_EDGE_LIMIT_S": "20",
    "BACKLINE_EDGE_SEARCH_LIMIT_S": "10",
    "BACKLINE_SEARCH_LIMIT_S": "10",
    "BACKLINE_SEARCH_POLL_S": "0.1",
    "BACKLINE_INDEXER_ROLLOUT_CANARY_S": "0.1",
    "BACKLINE_INDEXER_ROLLOUT_STAGGER_S": "0.1",
}
"""A busy machine must not look like a failed search, and nobody has to look at the first process for long."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Return a system with two search processes over a small catalogue, which outlives every test here."""
    home: Path = tmp_path_factory.mktemp("home")
    assert backline(home, "import", "generate", "--tracks", "400").returncode == 0
    with up(home, "--replicas", "search=2", environ=PATIENT) as running:
        yield running


@dataclass(slots=True)
class Searching:
    """Searches that go on and on, each answered or noted as not."""

    system: Up
    client: httpx.AsyncClient
    refused: list[str] = field(default_factory=list)
    answered: int = 0

    async def search(self) -> str:
        """Search once and return the generation that answered."""
        answer = await self.client.get("/v1/search", params={"q": "a"})
        answer.raise_for_status()
        return str(answer.json()["index_generation"])

    async def search_for_ever(self) -> None:
        """Search without a pause."""
        while True:
            try:
                await self.search()
            except httpx.HTTPError as error:
                self.refused.append(repr(error))
            else:
                self.answered += 1

    async def until(self, happened: Callable[[], Awaitable[bool]]) -> None:
        """Wait until it has happened and some more searches have been answered since."""
        while not await happened():  # noqa: ASYNC110 - it happens in other processes
            await asyncio.sleep(0.05)
        enough = self.answered + 20
        while self.answered < enough:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)

    async def serving(self) -> set[str]:
        """Return the generations that the search processes say they serve.

        None while one is being rolled out, or a process that has just begun has none yet.
        """
        status = await self._indexer("GET", "generations")
        processes, standings = status["processes"], {each["status"] for each in status["generations"]}
        serving = [process["serving"] for process in processes]
        settled = len(processes) == 2 and all(serving) and standings.isdisjoint({"coming", "rolling_out"})
        return set(serving) if settled else set()

    async def settled(self) -> set[str]:
        """Wait until nothing is being rolled out, and return the generations that the search processes serve."""
        while not (serving := await self.serving()):  # noqa: ASYNC110 - it happens in other processes
            await asyncio.sleep(0.05)
        return serving

    async def order(self, what: str) -> None:
        """Have the indexer build or roll back, and wait until both search processes serve something else for it."""
        before = await self.settled()
        await self._indexer("POST", what)

        async def have_changed() -> bool:
            serving = await self.serving()
            return len(serving) == 1 and serving.isdisjoint(before)

        await self.until(have_changed)

    async def kill(self, process: str) -> None:
        """Kill a process as the kernel does, and wait until another has taken its place."""
        pid = self.system.announcement(process).pid
        os.kill(pid, signal.SIGKILL)

        async def is_back() -> bool:
            announcement = self.system.announcement_or_none(process)
            return announcement is not None and announcement.pid != pid

        await self.until(is_back)

    async def _indexer(self, method: str, page: str) -> dict[str, list[dict[str, str]]]:
        address = self.system.announcement("indexer").addresses["indexer"]["operations"]
        order = {"actor": "tests", "reason": "a test"} if method == "POST" else None
        headers = dict([bearer(admin_token(self.system.home))])
        answer = await self.client.request(method, f"http://{address}/index/{page}", json=order, headers=headers)
        answer.raise_for_status()
        return dict(answer.json())


@asynccontextmanager
async def searching(system: Up) -> AsyncGenerator[Searching, None]:
    """Search all the time; at the end every search must have been answered."""
    async with httpx.AsyncClient(base_url=system.url, trust_env=False, timeout=30) as client:
        load = Searching(system, client)
        async with background(load.search_for_ever(), load.search_for_ever()):
            yield load
    assert load.refused == []


async def test_nobody_notices_a_swap(system: Up) -> None:
    """While indexes are built, served and rolled back, every search is answered, and search is ready throughout."""
    async with searching(system) as load:
        unready: list[str] = []

        async def look_for_ever() -> None:
            while True:
                for name in ("search", "search-2"):
                    operations = system.announcement(name).addresses["search"]["operations"]
                    ready = await load.client.get(f"http://{operations}/readyz")
                    unready.extend([ready.text] if ready.status_code != httpx.codes.OK else [])
                await asyncio.sleep(0.01)

        async with background(look_for_ever()):
            for what in ("build", "rollback", "build"):
                await load.order(what)
        assert unready == []


async def test_nobody_notices_that_the_indexer_was_killed(system: Up) -> None:
    """Search serves on, and the indexer goes on where it was: the next index comes as if nothing had been."""
    async with searching(system) as load:
        before = await load.search()
        await load.kill("indexer")
        assert await load.search() == before
        await load.order("build")


async def test_nobody_notices_that_a_search_process_was_killed(system: Up) -> None:
    """The others answer, and the next process serves the same index."""
    async with searching(system) as load:
        before = await load.settled()
        await load.kill("search-2")
        assert await load.settled() == before


def test_a_takedown_is_gone_from_every_search_process(system: Up) -> None:
    """What is taken down is found no more by any of them, with nothing restarted and no index built."""

    def search(query: str) -> dict[str, Any]:
        return dict(httpx.get(f"{system.url}/v1/search", params={"q": query}, trust_env=False).json())

    def found(title: str) -> set[str]:
        # Often enough that each of the two has been asked.
        return {result["id"] for _ in range(16) for result in search(title)["results"]}

    before = search("a")
    track = next(result for result in before["results"] if result["kind"] == "track")
    assert track["id"] in found(track["title"])
    down = backline(system.home, "catalog", "takedown", track["id"], "--kind", "track", "--reason", "a test", **PATIENT)
    assert down.returncode == 0, down.stderr
    while track["id"] in found(track["title"]):
        pass
    assert search("a")["index_generation"] == before["index_generation"]
