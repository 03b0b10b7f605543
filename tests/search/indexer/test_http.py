"""The indexer over HTTP: what search processes ask, what people order and see, and what is refused."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.search.clients.catalog import MemoryCatalogue
from services.search.domain.export import TrackRow
from services.search.index.delta import read_hidden
from services.search.index.generations import MANIFEST, read
from services.search.indexer.http import IndexerApi
from services.search.indexer.journal import JournalFile
from services.search.indexer.operator import Operator
from tests.search.indexer.indexing import ROWS, Indexing, track
from tests.search.indexer.test_cycle import finished, until

TOKEN = {"authorization": "Bearer let-me-in"}
WHY = {"actor": "ops", "reason": "a test"}


@pytest.fixture
def indexing(tmp_path: Path) -> Indexing:
    """Return an indexer over a small catalogue, in which one title is not as harmless as it looks."""
    return Indexing(tmp_path / "index", MemoryCatalogue(7, [*ROWS, TrackRow("inv:x", "<script>alert(1)</script>")]))


@asynccontextmanager
async def client(indexing: Indexing, folder: Path) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Open a client of its HTTP side."""
    operator = Operator(indexing.cycle, JournalFile(folder), indexing.clock)
    app = IndexerApi(indexing.cycle, operator, "let-me-in").app()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://indexer") as opened:
        yield opened


async def test_before_there_is_an_index_there_is_nothing_to_assign(indexing: Indexing, tmp_path: Path) -> None:
    """A process that asks too early is told to come back, and the page says so."""
    async with client(indexing, tmp_path) as http:
        answer = await http.get("/index/assignment", params={"process": "search"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "There is no generation yet" in (await http.get("/index")).text


async def test_a_process_gets_its_assignment_and_the_files(indexing: Indexing, tmp_path: Path) -> None:
    """Each file is as its manifest says, whole or in parts, for the generation and for its delta."""
    async with indexing.running(), client(indexing, tmp_path) as http:
        await indexing.catalogue.change(track(0), track(7))
        await until(lambda: bool(indexing.assigned().delta))
        assigned = (await http.get("/index/assignment", params={"process": "search", "serving": ""})).json()
        assert assigned["generation"] in assigned["keep"]
        for name in (assigned["generation"], assigned["delta"]):
            manifest = read(indexing.folder / name).manifest
            for file, facts in manifest.files.items():
                content = (await http.get(f"/index/generations/{name}/{file}")).content
                assert hashlib.sha256(content).hexdigest() == facts.sha256
                part = await http.get(f"/index/generations/{name}/{file}", headers={"range": "bytes=2-5"})
                assert (part.status_code, part.content) == (206, content[2:6])
            text = (await http.get(f"/index/generations/{name}/{MANIFEST}")).content
            assert text == (indexing.folder / name / MANIFEST).read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "gen-20260101T000000Z-00000000/index.db",
        "nothing/index.db",
        "../serving.json",
        "..%2F..%2Fadmin-token/x",
        "{name}/../serving.json",
        "{name}/..%2Fserving.json",
        "{name}/nothing.db",
        "{name}/%00",
        ".whole/.lock",
        "{name}/",
    ],
)
async def test_nothing_else_is_handed_out(indexing: Indexing, tmp_path: Path, path: str) -> None:
    """Only files that a manifest names, of what is called a generation."""
    async with indexing.running(), client(indexing, tmp_path) as http:
        answer = await http.get(f"/index/generations/{path.format(name=indexing.assigned().generation)}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "report",
    [{}, {"process": ""}, {"process": "x" * 65}, {"process": "a\nb"}, {"process": "search", "serving": "../x"}],
)
async def test_a_report_that_cannot_be_is_refused(indexing: Indexing, tmp_path: Path, report: dict[str, str]) -> None:
    """What is told is bounded and shown to people, so it has to be a name."""
    async with indexing.running(), client(indexing, tmp_path) as http:
        assert (await http.get("/index/assignment", params=report)).status_code == 422
    assert indexing.cycle.rollout.seen == {}


@pytest.mark.parametrize("order", ["build", "publish", "rollback"])
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer guess"}, {"authorization": "let-me-in"}])
async def test_orders_need_the_token(indexing: Indexing, tmp_path: Path, order: str, headers: dict[str, str]) -> None:
    """Without it nothing is done and nothing recorded."""
    async with client(indexing, tmp_path) as http:
        assert (await http.post(f"/index/{order}", json=WHY, headers=headers)).status_code == 403
        assert (await http.get(f"/index/{order}", headers=TOKEN)).status_code == 405
    assert JournalFile(tmp_path).entries() == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '"text"',
        "{}",
        '{"actor": "ops"}',
        '{"actor": "ops", "reason": " "}',
        '{"actor": 3, "reason": "x"}',
        '{"actor": "ops", "reason": "a\\u0000b"}',
        '{"actor": "' + "x" * 65 + '", "reason": "x"}',
        '{"actor": "ops", "reason": "' + "x" * 501 + '"}',
    ],
)
async def test_an_order_without_who_and_why_is_refused(indexing: Indexing, tmp_path: Path, content: str) -> None:
    """Both are texts of a length that a person reads."""
    async with client(indexing, tmp_path) as http:
        answer = await http.post("/index/build", content=content, headers=TOKEN)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
    assert JournalFile(tmp_path).entries() == []


async def test_orders_are_followed_and_their_outcome_shown(indexing: Indexing, tmp_path: Path) -> None:
    """A build by its number, then the rollback, then publishing what was rolled back."""
    async with indexing.running(), client(indexing, tmp_path) as http:
        first = indexing.assigned().generation
        number = (await http.post("/index/build", json=WHY, headers=TOKEN)).json()["build"]
        await finished(indexing, number)
        shown = (await http.get("/index/generations")).json()
        second = shown["build"]["generation"]
        assert shown["build"] == {
            "under_way": "",
            "number": number,
            "outcome": "published",
            "generation": second,
            "sentences": [],
        }
        answer = await http.post("/index/rollback", json=WHY, headers=TOKEN)
        assert answer.json() == {"generation": first}
        again = await http.post("/index/rollback", json=WHY, headers=TOKEN)
        assert again.status_code == 409
        shown = (await http.get("/index/generations")).json()
        assert {each["name"]: each["status"] for each in shown["generations"]}[first] == "serving"
        assert shown["held"] == "rolled back by ops: a test"
        published = await http.post("/index/publish", json={**WHY, "generation": second}, headers=TOKEN)
        assert published.json() == {"generation": second}


async def test_the_page_tells_all_and_is_harmless(indexing: Indexing, tmp_path: Path) -> None:
    """Generations with their deltas, processes, what is held back; nothing that somebody said is taken for markup."""
    evil = "<img src=x onerror=alert(1)>"
    async with indexing.running(), client(indexing, tmp_path) as http:
        await http.get("/index/assignment", params={"process": evil})
        await http.post("/index/build", json=WHY, headers=TOKEN)
        await until(lambda: indexing.cycle.last.number == 2)
        await http.post("/index/rollback", json={"actor": evil, "reason": evil}, headers=TOKEN)
        await indexing.catalogue.change(track(7), track(0))
        await until(lambda: bool(indexing.assigned(evil).delta))
        page, shown = (await http.get("/index")).text, (await http.get("/index/generations")).json()
    assert evil not in page
    assert "&lt;img src=x" in page
    for generation in shown["generations"]:
        assert generation["name"] in page
    serving = next(each for each in shown["generations"] if each["status"] == "serving")
    assert (serving["delta"]["documents"], serving["delta"]["hidden"]) == (2, 1)
    assert len(read_hidden(read(indexing.folder / serving["delta"]["name"]))) == 1
    assert [process["process"] for process in shown["processes"]] == [evil]
