"""Conditional requests: what a caller has already is not sent again, and only then."""

from dataclasses import replace

import pytest

from services.edge.api.conditional import Tags, is_known
from services.edge.clients.catalog import MemoryCatalog
from tests.edge.api_edge import CATALOG, app, caller, telemetry

VERSIONS = {"demo:t1": 3, "demo:r1": 5, "demo:a1": 7}
VERSIONED = replace(CATALOG, versions=VERSIONS)
PAGES = ("/v1/tracks/demo:t1", "/v1/albums/demo:r1", "/v1/artists/demo:a1")


async def tag_of(address: str, items: MemoryCatalog) -> str | None:
    """Return the tag of an answer over this catalogue."""
    async with caller(app(catalog_service=items)) as client:
        tag: str | None = (await client.get(address)).headers.get("etag")
        return tag


@pytest.mark.parametrize("address", PAGES)
async def test_a_page_that_a_caller_has_is_not_sent_again(address: str) -> None:
    """With the tag of the last answer the next is 304: no body, the same tag, and what caches need to go on."""
    async with caller(app(catalog_service=VERSIONED)) as client:
        first = await client.get(address)
        assert first.headers["cache-control"] == "private, no-cache"
        for method in ("GET", "HEAD"):
            again = await client.request(method, address, headers={"if-none-match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
            assert again.headers["cache-control"] == first.headers["cache-control"]
            assert "content-type" not in again.headers
            assert "content-length" not in again.headers
        other = await client.get(address, headers={"if-none-match": 'W/"other"'})
        assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("changed", ["demo:t1", "demo:r1", "demo:a1"])
async def test_a_tag_changes_with_everything_that_the_page_shows(changed: str) -> None:
    """A track's page names its artists and albums, so a new name of theirs is a new page."""
    newer = replace(CATALOG, versions={**VERSIONS, changed: 99})
    assert await tag_of("/v1/tracks/demo:t1", newer) != await tag_of("/v1/tracks/demo:t1", VERSIONED)


async def test_a_tag_changes_when_something_mentioned_is_gone() -> None:
    """An artist that is taken down leaves the page, though the track itself has not changed."""
    gone = replace(VERSIONED, artists={})
    assert await tag_of("/v1/tracks/demo:t1", gone) != await tag_of("/v1/tracks/demo:t1", VERSIONED)


@pytest.mark.parametrize("unknown", ["demo:t1", "demo:r1", "demo:a1"])
async def test_without_all_versions_there_is_no_tag(unknown: str) -> None:
    """A page of which a part has no version cannot be promised to be unchanged."""
    partly = {name: version for name, version in VERSIONS.items() if name != unknown}
    assert await tag_of("/v1/tracks/demo:t1", replace(CATALOG, versions=partly)) is None


@pytest.mark.parametrize("address", PAGES)
async def test_a_stale_answer_says_how_old_it_is_and_is_never_called_unchanged(address: str) -> None:
    """What the catalog could only tell from memory has its age, no tag, and is counted as degraded."""
    instruments = telemetry()
    stale = replace(VERSIONED, stale_ms=1_500)
    async with caller(app(catalog_service=stale, instruments=instruments)) as client:
        answer = await client.get(address, headers={"if-none-match": "*"})
    assert answer.status_code == 200
    assert answer.headers["age"] == "2"
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    counted = instruments.registry.get_sample_value("backline_edge_degraded_answers_total", {"reason": "stale"})
    assert counted == 1


async def test_a_list_of_which_the_names_are_stale_says_so_too() -> None:
    """A list has no tag, but an age like a page."""
    async with caller(app(catalog_service=replace(CATALOG, stale_ms=10))) as client:
        assert (await client.get("/v1/artists/demo:a1/tracks")).headers["age"] == "1"


async def test_what_is_not_there_is_not_unchanged() -> None:
    """An error is an error, whatever tag comes with the request."""
    async with caller(app(catalog_service=VERSIONED)) as client:
        assert (await client.get("/v1/tracks/demo:no", headers={"if-none-match": "*"})).status_code == 404


@pytest.mark.parametrize(
    ("held", "known"),
    [
        (b'W/"a"', True),
        (b'"a"', True),
        (b'"x", W/"a" , "y"', True),
        (b' "x",W/"a"', True),
        (b"*", True),
        (b'"x,a"', False),
        (b'"b"', False),
        (b"a", False),
        (b"", False),
        (b'"*"', False),
    ],
)
def test_tags_are_compared_weakly_in_lists_of_any_form(held: bytes, known: bool) -> None:  # noqa: FBT001 - a parameter
    """If-None-Match has one tag, several, or a star, and weak tags match strong ones (RFC 9110, 13.1.2)."""
    assert is_known(b'W/"a"', held) is known


def test_a_tag_is_of_one_order_of_items() -> None:
    """The same items in another place are another page, and ids never run into versions."""
    tags = Tags()
    assert tags.of([("a", 1), ("b", 2)]) != tags.of([("b", 2), ("a", 1)])
    assert tags.of([("a", 11)]) != tags.of([("a1", 1)])
    assert tags.of([("a", 1)]) == Tags().of([("a", 1)])
