"""The whole system keeps its promises from the outside."""

import httpx

from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import Track, TrackId
from services.catalog.store.sqlite.catalog import open_sqlite_catalog
from services.kit.lifecycle import Phase
from services.kit.process import Surroundings
from services.stack import opened
from tests.stack.conftest import ANY_PORTS, System, browser


async def test_what_is_typed_is_found(system: System) -> None:
    """The last word may be unfinished; the best match stands first with all that a list shows."""
    async with system() as running, browser(running) as client:
        answer = (await client.get("/v1/search", params={"q": "paper mo"})).json()
    assert [result["id"] for result in answer["results"]] == ["demo:t1"]
    assert answer["results"][0] == {
        "kind": "track",
        "id": "demo:t1",
        "title": "Paper Moons",
        "artists": [{"id": "demo:a1", "name": "Nightbus"}, {"id": "demo:a2", "name": "Ana Lima"}],
        "credit": "Nightbus feat. Ana Lima",
        "album": {"id": "demo:r1", "title": "Last Stop"},
        "duration_ms": 213_000,
        "release_year": 2019,
        "explicit": False,
        "popularity": 400,
    }
    assert answer["index_generation"].startswith("gen-")
    assert answer["degraded"] == []


async def test_filters_leave_out_what_is_not_wanted(system: System) -> None:
    """Kinds, market and explicit narrow an answer down."""
    async with system() as running, browser(running) as client:

        async def found(**parameters: str) -> list[str]:
            answer = (await client.get("/v1/search", params={"q": "paper", **parameters})).json()
            assert "results" in answer, answer
            return [result["id"] for result in answer["results"]]

        assert await found() == ["demo:t1", "demo:t2"]
        assert await found(explicit="false") == ["demo:t1"]
        assert await found(market="NO") == ["demo:t1"]
        assert await found(market="SE") == ["demo:t1", "demo:t2"]
        assert await found(kinds="album,artist") == []


async def test_pages_follow_each_other_without_gap_or_repeat(system: System) -> None:
    """All pages together are the one long answer."""
    async with system() as running, browser(running) as client:
        whole = (await client.get("/v1/search", params={"q": "n"})).json()
        ids, cursor = [], ""
        while True:
            page = (await client.get("/v1/search", params={"q": "n", "limit": 1, "cursor": cursor})).json()
            ids += [result["id"] for result in page["results"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
    assert ids == [result["id"] for result in whole["results"]]
    assert len(ids) == 4


async def test_items_and_their_lists_are_read(system: System) -> None:
    """A track names its albums, an album its tracks in playing order, an artist theirs by popularity."""
    async with system() as running, browser(running) as client:
        track = (await client.get("/v1/tracks/demo:t1")).json()
        album_tracks = (await client.get("/v1/albums/demo:r1/tracks")).json()
        artist = (await client.get("/v1/artists/demo:a1")).json()
        artist_tracks = (await client.get("/v1/artists/demo:a1/tracks", params={"limit": 1})).json()
        rest = (await client.get("/v1/artists/demo:a1/tracks", params={"cursor": artist_tracks["next_cursor"]})).json()
    assert track["albums"] == [{"id": "demo:r1", "title": "Last Stop", "position": 2}]
    assert track["isrc"] == "QZABC1900001"
    assert [each["title"] for each in album_tracks["tracks"]] == ["Papercut", "Paper Moons"]
    assert artist["aliases"] == ["Night Bus"]
    assert [each["id"] for each in artist_tracks["tracks"] + rest["tracks"]] == ["demo:t1", "demo:t2"]


async def test_what_is_not_there_is_a_problem_document(system: System) -> None:
    """An unknown item, a bad token and a bad parameter each say what is wrong, with the request's id."""
    async with system() as running, browser(running) as client:
        answers = [
            await client.get("/v1/tracks/demo:nobody", headers={"x-request-id": "request-1"}),
            await client.get("/v1/albums/demo:r1/tracks", params={"cursor": "garbage"}),
            await client.get("/v1/search", params={"q": "n", "cursor": "garbage"}),
        ]
    assert [answer.status_code for answer in answers] == [404, 422, 422]
    assert answers[0].json()["request_id"] == answers[0].headers["x-request-id"] == "request-1"
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in answers)


async def test_the_operations_ports_tell_of_every_service(system: System) -> None:
    """Metrics, liveness, readiness and settings are there, and services share none but those of the flags they use."""
    async with system() as running, browser(running) as client:
        await client.get("/v1/search", params={"q": "n"})
        for name, service in running.items():
            async with httpx.AsyncClient(
                base_url=f"http://{service.addresses['operations']}", trust_env=False
            ) as operations:
                metrics = (await operations.get("/metrics")).text
                assert f"backline_{name}_loop_lag_seconds" in metrics
                ours = [line for line in metrics.splitlines() if line.startswith("backline_")]
                assert all(line.startswith((f"backline_{name}_", "backline_flags_")) for line in ours)
                assert len(metrics.splitlines()) < 800
                assert (await operations.get("/healthz")).status_code == 200
                ready = await operations.get("/readyz")
                assert ready.json()["ready"] is True
                await service.health.set(Phase.DRAINING)
                ready = await operations.get("/readyz")
                assert (ready.status_code, ready.json()["phase"]) == (503, "draining")
                assert (await operations.get("/healthz")).status_code == 200
                assert (await operations.get("/settings")).json()["operations_port"] == 0


async def test_search_finds_what_was_imported_while_nobody_ran(surroundings: Surroundings, system: System) -> None:
    """A restart serves the index that there was, and adds what has changed since without being asked."""
    async with system() as running, browser(running) as client:
        first = (await client.get("/v1/search", params={"q": "moons"})).json()["index_generation"]
    async with open_sqlite_catalog(surroundings.folder("catalog"), encode, decode) as store:
        await store.write([Track(TrackId("demo:t3"), "Glass Moons")])
    async with system() as running, browser(running) as client:
        titles, generation = list[str](), ""
        while len(titles) < 2:
            answer = (await client.get("/v1/search", params={"q": "moons"})).json()
            titles, generation = [result["title"] for result in answer["results"]], answer["index_generation"]
    assert titles == ["Paper Moons", "Glass Moons"]
    assert generation == first


async def test_search_serves_the_index_it_has_while_all_else_is_gone(
    surroundings: Surroundings, system: System
) -> None:
    """A restart of search needs neither catalog nor indexer, as long as there is an index."""
    async with system():
        pass
    others = ("SEARCH_INDEXER", "EDGE_CATALOG", "SEARCH_FLAGS", "EDGE_FLAGS")
    nowhere = {**ANY_PORTS, **{f"BACKLINE_{name}": "127.0.0.1:1" for name in others}}
    async with opened(["search", "edge"], surroundings, nowhere) as running, browser(running) as client:
        assert len((await client.get("/v1/search", params={"q": "moons"})).json()["results"]) == 1
        assert (await client.get("/v1/tracks/demo:t1")).status_code == 503
