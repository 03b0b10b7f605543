"""Links to the next page: right behind whatever else the address has, and never more than a link."""

from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
import pytest

from backline.catalog.v1 import catalog_pb2 as pb
from services.edge.api.links import next_page
from services.edge.clients.catalog import MemoryCatalog, TrackPage
from tests.edge.api_edge import CATALOG, app, caller


def link(path: bytes, query: bytes, cursor: str) -> str:
    """Return the header that leads on from this address."""
    name, value = next_page({"raw_path": path, "query_string": query}, cursor)
    assert name == b"link"
    return value.decode("ascii")


@pytest.mark.parametrize(
    ("query", "cursor", "expected"),
    [
        (b"", "20", "/v1/search?cursor=20"),
        (b"q=a+b&limit=5", "20", "/v1/search?q=a+b&limit=5&cursor=20"),
        (b"cursor=20&q=a", "40", "/v1/search?q=a&cursor=40"),
        (b"q=a&cursor=20&limit=5", "40", "/v1/search?q=a&limit=5&cursor=40"),
        (b"q=cursor&%63ursor=20", "40", "/v1/search?q=cursor&cursor=40"),
        (b"q=a&c%75%72so%72=20", "40", "/v1/search?q=a&cursor=40"),
        (b"q=%C3%A4", "a+b/=&", "/v1/search?q=%C3%A4&cursor=a%2Bb%2F%3D%26"),
    ],
)
def test_only_the_cursor_changes(query: bytes, cursor: str, expected: str) -> None:
    """The next page is asked for as this one was, with the place to go on from."""
    assert link(b"/v1/search", query, cursor) == f'<{expected}>; rel="next"'


@pytest.mark.parametrize("query", [b'q="><script>', b"q=\xff\xfe", b"q=a\\b|c^d{e}`f", b"q=a b"])
def test_nothing_in_an_address_ends_the_link(query: bytes) -> None:
    """What may not stand in an address is escaped, so that the header says one thing only."""
    address = link(b"/v1/search", query, "1").removeprefix("<").removesuffix('>; rel="next"')
    assert not set(address) & set('<>" \\')


async def all_pages(client: httpx.AsyncClient, address: str, key: str) -> list[str]:
    """Return the ids of all pages, by the links alone."""
    ids: list[str] = []
    while True:
        answer = await client.get(address)
        ids += [each["id"] for each in answer.json()[key]]
        if "next" not in answer.links:
            assert answer.json()["next_cursor"] is None
            return ids
        address = urljoin(str(answer.url), answer.links["next"]["url"])


async def test_links_lead_through_all_results() -> None:
    """Whoever follows links alone sees every result once."""
    async with caller(app()) as client:
        ids = await all_pages(client, "/v1/search?limit=1&q=night", "results")
    assert ids == ["demo:a1", "demo:r1", "demo:t1", "demo:t2"]


@dataclass(frozen=True, slots=True)
class Paged(MemoryCatalog):
    """A catalog with an album of three pages."""

    async def album_tracks(self, request: pb.ListAlbumTracksRequest) -> TrackPage:
        """Return one track, and that there are more before the third."""
        number = int(request.page_token or 1)
        track = pb.Track(id=f"demo:{number}", title="x")
        return pb.ListAlbumTracksResponse(tracks=[track], next_page_token=str(number + 1) if number < 3 else "")


async def test_links_lead_through_a_list() -> None:
    """Lists of the catalogue are followed the same way."""
    async with caller(app(catalog_service=Paged(CATALOG.tracks, CATALOG.albums, CATALOG.artists))) as client:
        assert await all_pages(client, "/v1/albums/demo:r1/tracks?limit=1", "tracks") == ["demo:1", "demo:2", "demo:3"]
