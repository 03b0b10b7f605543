"""The operations port's page about the index: everything that is served, in text that cannot become anything else."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from services.search.api.index_page import IndexPage, Section, sections
from services.search.domain.candidates.sources import SOURCES
from services.search.domain.engine import Options
from tests.search.machine import Publisher, assigned, open_machine

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient, None]:
    """Return a client of a page about something with an odd name."""
    page = IndexPage(lambda: [Section("<b>", [("&", "<script>alert(1)</script>")])])
    transport = httpx.ASGITransport(app=page)
    async with httpx.AsyncClient(transport=transport, base_url="http://operations") as opened:
        yield opened


async def test_no_text_can_become_a_part_of_the_page(client: httpx.AsyncClient) -> None:
    """Names are shown as they are, and no script would run if one got in."""
    answer = await client.get("/index")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "<script" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("HEAD", "/index", 200), ("POST", "/index", 405), ("GET", "/index/more", 404)]
)
async def test_the_page_is_read_only_and_alone(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    """It is looked at, and there is nothing below it."""
    answer = await client.request(method, path)
    assert (answer.status_code, answer.content) == (status, b"")


async def test_the_page_says_what_is_served(tmp_path: Path) -> None:
    """Generation, delta, age, counts and sizes of what is served, what was before, and which sources are off."""
    publisher = Publisher(tmp_path / "indexer")
    first, second, indexer = publisher.generation("Moon"), publisher.generation("River", "Sun"), publisher.indexer
    delta = publisher.delta(second, "Star", hidden=[1])
    off = Options(off=frozenset({SOURCES[0].name}))
    async with open_machine(tmp_path / "index", indexer) as machine:
        before = sections(machine.swap, machine.follower, off, NOW)
        for assignment in (assigned(first), assigned(second, delta)):
            indexer.assigned = assignment
            await machine.follower.step()
        shown = {section.title: dict(section.rows) for section in sections(machine.swap, machine.follower, off, NOW)}
    assert [section.title for section in before] == ["Rollout", "Candidate sources"]
    assert shown["Index"]["name"] == second.name
    assert shown["Index"]["documents"] == "2 tracks"
    assert shown["Index"]["built"] == "2026-01-01 00:00:02 UTC, 1 d 3 h ago"
    assert "index.db" in shown["Index"]["size"]
    assert shown["Delta"]["documents"] == "1 track"
    assert (shown["Delta"]["over"], shown["Delta"]["hides of it"]) == (second.name, "1")
    assert shown["Rollout"] == {"indexer": "answers", "refused": "nothing", "served before": first.name}
    assert shown["Candidate sources"][SOURCES[0].name] == "off"
