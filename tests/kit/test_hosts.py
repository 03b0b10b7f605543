"""A page of the inside, called by the names of others."""

import httpx
import pytest

from services.kit.http.asgi import Receive, Scope, Send, respond
from services.kit.http.hosts import called_by_name


async def page(scope: Scope, _receive: Receive, send: Send) -> None:
    """Show what is inside."""
    await respond(scope, send, 200, [], b"inside")


async def called(host: str, names: str = "") -> httpx.Response:
    """Call it by that name."""
    transport = httpx.ASGITransport(called_by_name(page, names))
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
        return await client.get("/", headers={"host": host})


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:9103", "10.2.3.4", "[::1]:9103", "localhost:9103", "flags.localhost", "flags", "FLAGS.example.org", ""],
)
async def test_who_calls_it_by_a_name_of_ours_is_let_in(host: str) -> None:
    """By an address, a name of one word, or one that is set; without regard to the port."""
    assert (await called(host, "ops.example.org, flags.example.org")).text == "inside"


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example:9103",
        "127.0.0.1.attacker.example",
        "flags.example.org.attacker.example",
        "localhost.attacker.example",
        "xflags.example.org",
        "attacker.example.",
        "127.0.0.1@attacker.example",
        "[::1].attacker.example",
    ],
)
async def test_a_name_that_is_somebody_else_s_is_refused(host: str) -> None:
    """Their page would read what is here with a browser of ours."""
    answer = await called(host, "flags.example.org")
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")
    assert "inside" not in answer.text
