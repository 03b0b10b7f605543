"""Other sites' pages: none may read the API unless a setting says so, and then only read."""

import pytest

from tests.edge.api_edge import app, caller

SITE, OTHER_SITE = "https://site.example", "https://other.example"
ASKS = {"access-control-request-method": "GET", "access-control-request-headers": "x-backline-client"}
LEAVE = "access-control-allow-origin"


@pytest.mark.parametrize("origins", ["", SITE, f"{OTHER_SITE}x, {SITE}/"])
async def test_only_sites_that_are_listed_have_leave(origins: str) -> None:
    """No setting, no leave; and an origin that only looks alike has none."""
    async with caller(app(cors_origins=origins)) as client:
        listed = await client.get("/v1/search", headers={"origin": SITE})
        other = await client.get("/v1/search", headers={"origin": OTHER_SITE})
    assert listed.headers.get(LEAVE) == (SITE if origins else None)
    assert LEAVE not in other.headers
    assert other.status_code == 200


async def test_a_page_that_has_leave_reads_the_headers_it_needs() -> None:
    """What an answer says beside its body is shown; caches keep sites apart; never with credentials."""
    async with caller(app(cors_origins=SITE)) as client:
        for address in ("/v1/search?q=night", "/v1/tracks/demo:no", "/v1/search?limit=x"):
            headers = (await client.get(address, headers={"origin": SITE})).headers
            assert headers[LEAVE] == SITE
            assert set(headers["access-control-expose-headers"].split(", ")) == {
                "etag",
                "age",
                "link",
                "x-request-id",
                "retry-after",
            }
            assert "access-control-allow-credentials" not in headers
        assert (await client.get("/v1/search")).headers["vary"] == "accept-encoding, origin"


async def test_every_site_may_read_where_a_setting_says_so() -> None:
    """A star gives leave to all alike, so caches need not keep them apart."""
    async with caller(app(cors_origins="*")) as client:
        answer = await client.get("/v1/search", headers={"origin": OTHER_SITE})
    assert answer.headers[LEAVE] == "*"
    assert answer.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("address", ["/v1/search", "/v1/tracks/demo:t1", "/v1/me/context", "/ofrep/v1/evaluate/flags"])
async def test_a_browser_that_asks_first_is_answered(address: str) -> None:
    """The preflight has no body and names the methods and headers that a request may have."""
    async with caller(app(cors_origins=SITE)) as client:
        answer = await client.options(address, headers={"origin": SITE, **ASKS})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers[LEAVE] == SITE
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, POST"
    allowed = set(answer.headers["access-control-allow-headers"].split(", "))
    assert {"x-backline-client", "x-backline-user", "if-none-match", "content-type"} <= allowed


@pytest.mark.parametrize(
    "headers", [{}, {"origin": SITE}, {"origin": OTHER_SITE, **ASKS}, ASKS], ids=["bare", "no method", "other", "none"]
)
async def test_options_is_nothing_but_that_question(headers: dict[str, str]) -> None:
    """OPTIONS without all that makes it a preflight, or from a site without leave, is a method that is not taken."""
    async with caller(app(cors_origins=SITE)) as client:
        answer = await client.options("/v1/search", headers=headers)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
