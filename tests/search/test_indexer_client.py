"""What a search process asks of the indexer over HTTP, against a small indexer of the tests' own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from services.kit import ports
from services.kit.clock import SystemClock
from services.kit.errors import Failure, Invalid, NotFound, Unavailable
from services.kit.http.asgi import Receive, Scope, Send, respond
from services.kit.http.client import HttpClient
from services.kit.http.server import open_http_server
from services.search.clients.indexer import HttpIndexer
from services.search.domain.rollout import Assignment, Report

NAME = "gen-20260101T000000Z-0a1b2c3d"
NO_HURRY_S = 60.0


class ToyIndexer:
    """Answers every question for an assignment with the same bytes, and has one generation of one file."""

    def __init__(self, answer: bytes = b"", file: bytes = b"") -> None:
        self._answer, self._file = answer, file
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer a request."""
        self.asked.append(scope["path"] + "?" + scope["query_string"].decode())
        if scope["path"] == "/index/assignment":
            await respond(scope, send, 200, (), self._answer)
        elif scope["path"] == f"/index/generations/{NAME}/index.db":
            await respond(scope, send, 200, (), self._file)
        else:
            await respond(scope, send, 404, (), b'{"detail": "There is no such file."}')


@asynccontextmanager
async def client_of(app: ToyIndexer) -> AsyncGenerator[HttpIndexer, None]:
    """Serve the indexer and open a client of it."""
    listener = ports.listen("127.0.0.1", 0, "TOY_PORT")
    async with open_http_server(app, listener, 5, SystemClock()) as address:
        yield HttpIndexer(HttpClient(address), NO_HURRY_S, NO_HURRY_S)


async def test_a_report_is_answered_with_an_assignment() -> None:
    """Everything reported arrives, and everything assigned comes back."""
    fields = {"generation": NAME, "delta": "", "keep": [NAME, "another"], "meanwhile": "d2", "new": 1}
    toy = ToyIndexer(orjson.dumps(fields))
    async with client_of(toy) as indexer:
        assignment = await indexer.assignment(Report("search 2", "g", "d", "r"))
    assert assignment == Assignment(NAME, "", frozenset({NAME, "another"}), "d2")
    assert toy.asked == ["/index/assignment?process=search+2&serving=g&delta=d&refused=r"]


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"generation": "g", "delta": "", "keep": 1}', b"\xff"])
async def test_what_is_no_assignment_is_one_failure(answer: bytes) -> None:
    """An indexer that answers something else is as good as silent."""
    async with client_of(ToyIndexer(answer)) as indexer:
        with pytest.raises(Unavailable, match="no assignment"):
            await indexer.assignment(Report("search"))


async def test_a_file_is_fetched(tmp_path: Path) -> None:
    """Its bytes are those that the indexer has."""
    content = bytes(range(256)) * 4_000
    async with client_of(ToyIndexer(file=content)) as indexer:
        await indexer.fetch(NAME, "index.db", tmp_path / "index.db", len(content))
    assert (tmp_path / "index.db").read_bytes() == content


@pytest.mark.parametrize(("name", "file", "failure"), [(NAME, "index.db", Invalid), (NAME, "../x y", NotFound)])
async def test_what_cannot_be_fetched_is_one_failure(
    tmp_path: Path, name: str, file: str, failure: type[Failure]
) -> None:
    """A file that is longer than it should be, or that is not there, is no file; its name stays within its place."""
    toy = ToyIndexer(file=b"longer")
    async with client_of(toy) as indexer:
        with pytest.raises(failure):
            await indexer.fetch(name, file, tmp_path / "into", 3)
    assert all(path.startswith(f"/index/generations/{NAME}/") for path in toy.asked)
