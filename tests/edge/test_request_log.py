"""The request log: a line for each request, and nobody's person in it."""

import io
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from services.edge.api.visitors import COOKIE
from services.kit.clock import ManualClock
from services.kit.errors import Unavailable
from services.kit.logs import Lines, LogFormat, open_log
from services.kit.telemetry import Telemetry
from tests.edge.api_edge import Failing, app, caller, telemetry

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
SECRET = "hush5ecret"  # noqa: S105 - that it stays one is what is tested


@dataclass
class Written:
    """Instruments, and what came into their log."""

    instruments: Telemetry
    lines: Lines
    buffer: io.BytesIO

    def text(self) -> str:
        """Return all of it."""
        self.lines.close()
        return self.buffer.getvalue().decode()

    def events(self) -> list[dict[str, Any]]:
        """Return its lines."""
        return [orjson.loads(line) for line in self.text().splitlines()]


def written() -> Written:
    """Return instruments whose log is kept."""
    buffer = io.BytesIO()
    lines = Lines(buffer)
    return Written(telemetry(open_log("edge", ManualClock(), LogFormat.JSON, lines=lines)), lines, buffer)


async def test_a_line_says_what_was_asked_by_what_and_how_it_went() -> None:
    """One event per request: route, status, time, size, program, person by its hash, and the ids to find it by."""
    log = written()
    async with caller(app(instruments=log.instruments)) as client:
        headers = {
            "x-backline-client": "tv/3.1",
            "x-backline-user": "u-1",
            "x-request-id": "request-1",
            "traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-00",
        }
        answer = await client.get("/v1/artists/demo:a1", headers=headers)
    (event,) = log.events()
    user = event.pop("user")
    assert len(user) == 16
    assert event == {
        "time": "2026-01-01T00:16:40+00:00",
        "level": "info",
        "service": "edge",
        "event": "http.answered",
        "method": "GET",
        "route": "get_artist",
        "status": 200,
        "ms": 0.0,
        "bytes": len(answer.content),
        "client": "tv",
        "version": "3.1.0",
        "request_id": "request-1",
        "trace_id": TRACE_ID,
    }


async def test_a_person_has_one_hash_that_only_the_key_can_make() -> None:
    """Lines of one person belong together, those of two do not, and another key gives other hashes."""
    users = []
    for key in ("one", "other"):
        log = written()
        async with caller(app(instruments=log.instruments, log_key=key)) as client:
            for name in ("u-1", "u-2", "u-1"):
                await client.get("/v1/search", headers={"x-backline-user": name})
        users.append([event["user"] for event in log.events()])
    one, other = users
    assert one[0] == one[2] != one[1]
    assert set(one).isdisjoint(other)


ADDRESSES = (
    f"/v1/search?q={SECRET}",
    f"/v1/search?limit={SECRET}",
    f"/v1/search?{SECRET}=1&{SECRET}=2",
    f"/v1/search?cursor={SECRET}",
    f"/v1/suggest?q={SECRET}",
    f"/v1/tracks/{SECRET}",
    f"/v1/albums/{SECRET}/tracks?cursor={SECRET}",
    f"/v1/artists/x{SECRET}",
    f"/tracks/{SECRET}",
    f"/web/{SECRET}",
    f"/{SECRET}",
    f"/v1/me/context?{SECRET}",
)
HEADERS = {
    "x-backline-client": f"{SECRET}/1.0; os={SECRET}; build={SECRET}; {SECRET}={SECRET}",
    "x-backline-user": SECRET,
    "user-agent": f"{SECRET}/1.0",
    "accept-language": SECRET,
    "cookie": f"{COOKIE}={SECRET}; session={SECRET}",
    "authorization": f"Bearer {SECRET}",
    "referer": f"https://{SECRET}.example/{SECRET}",
    "origin": f"https://{SECRET}.example",
    "x-forwarded-for": SECRET,
    "traceparent": SECRET,
    "if-none-match": f'"{SECRET}"',
    "accept-encoding": SECRET,
    "x-request-id": f"{SECRET}!",
}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", f"{SECRET.upper()}"])
async def test_nothing_personal_reaches_the_log(method: str) -> None:
    """Whatever a request says of its sender or what they look for, in whatever place, the log does not repeat it."""
    log = written()
    async with caller(app(instruments=log.instruments)) as client:
        for address in ADDRESSES:
            await client.request(method, address, headers=HEADERS, content=SECRET)
    text = log.text()
    assert text.count("http.answered") == len(ADDRESSES)
    assert SECRET not in text.lower()
    assert "127.0.0.1" not in text


async def test_a_share_of_the_good_answers_is_logged_and_every_bad_one() -> None:
    """Where lines cost too much, those of failures stay."""
    log = written()
    async with caller(app(Failing(Unavailable("x")), instruments=log.instruments, log_share=0.0)) as client:
        await client.get("/v1/artists/demo:a1")
        await client.get("/v1/search?q=x")
    assert [event["status"] for event in log.events()] == [503]


async def test_a_failure_of_ours_has_its_trace_and_a_line_like_any_other() -> None:
    """Whoever looks for a 500 finds what broke by the request's id."""
    log = written()
    async with caller(app(Failing(RuntimeError("broken")), instruments=log.instruments)) as client:
        answer = await client.get("/v1/search?q=x")
    failed, answered = log.events()
    assert (failed["event"], failed["route"]) == ("http.failed", "search")
    assert failed["request_id"] == answered["request_id"] == answer.headers["x-request-id"]
    assert answered["status"] == 500
