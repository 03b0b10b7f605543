"""Compression: for those who want it, where it gains something, and never another answer."""

import gzip

import httpx
import pytest

from services.edge.api.encoding import LEAST_BYTES, accepts_gzip
from services.edge.clients.search import MemorySearch
from tests.edge.api_edge import SEARCH, app, caller

MANY = MemorySearch([hit for hit in SEARCH.hits for _ in range(5)])
LARGE = ("/v1/search?q=night", "/", "/web/app.js", "/openapi.json")


async def get(address: str, accept_encoding: str) -> httpx.Response:
    """Get an address as raw bytes."""
    async with caller(app(MANY)) as client:
        request = client.build_request("GET", address, headers={"accept-encoding": accept_encoding})
        answer = await client.send(request, stream=True)
        raw = b"".join([part async for part in answer.aiter_raw()])
        return httpx.Response(answer.status_code, headers=answer.headers, extensions={"raw": raw})


def raw(answer: httpx.Response) -> bytes:
    """Return the body as it was sent."""
    sent: bytes = answer.extensions["raw"]
    return sent


@pytest.mark.parametrize("address", LARGE)
async def test_a_large_answer_is_compressed_for_who_takes_it(address: str) -> None:
    """Both forms say the same, each says which it is, and both say that there are two."""
    plain, small = await get(address, "identity"), await get(address, "br, gzip;q=0.8")
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw(small)) == raw(plain)
    assert len(raw(small)) < len(raw(plain)) == int(plain.headers["content-length"])
    assert small.headers["content-length"] == str(len(raw(small)))
    assert plain.headers["vary"] == small.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("address", ["/", "/web/app.js", "/openapi.json"])
async def test_each_form_of_a_file_has_a_tag_of_its_own(address: str) -> None:
    """A strong tag stands for bytes, and the two forms are not the same bytes."""
    plain, small = await get(address, "identity"), await get(address, "gzip")
    assert plain.headers["etag"] != small.headers["etag"]
    assert not plain.headers["etag"].startswith("W/")


async def test_a_small_answer_stays_as_it_is() -> None:
    """Below a packet's size there is nothing to gain."""
    answer = await get("/v1/suggest?q=x", "gzip")
    assert len(raw(answer)) < LEAST_BYTES
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (b"gzip", True),
        (b"GZIP", True),
        (b"x-gzip", True),
        (b"gzip;q=0.001", True),
        (b"deflate, gzip;q=1.0, *;q=0.5", True),
        (b"*", True),
        (b"gzip; q=0.5 , identity; q=0.5", True),
        (b"", False),
        (b"identity", False),
        (b"br", False),
        (b"gzip;q=0", False),
        (b"gzip;q=0, *", False),
        (b"*;q=0", False),
        (b"gzip;q=0.5, identity", False),
        (b"gzip;q=high", False),
        (b"gzip;level=1", True),
        (b"\xff\xfe", False),
    ],
)
def test_what_a_caller_likes_is_read_as_http_has_it(header: bytes, wanted: bool) -> None:  # noqa: FBT001 - a parameter
    """Weights rule a coding out or put it behind another; a star stands for all that are not named."""
    assert accepts_gzip(header) is wanted
