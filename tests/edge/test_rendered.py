"""Hits are rendered once for each index, and never taken for one another."""

import orjson

from backline.search.v1 import search_pb2 as pb
from services.edge.api.answers import Json
from services.edge.api.rendered import RenderedHits


def answer(generation: str, *hits: pb.Hit, delta: str = "") -> pb.SearchResponse:
    """Return an answer of that index generation and delta."""
    return pb.SearchResponse(hits=hits, index_generation=generation, index_delta=delta)


def track(name: str, title: str) -> pb.Hit:
    """Return a track."""
    return pb.Hit(kind=pb.KIND_TRACK, id=name, title=title)


def shown(rendered: RenderedHits, found: pb.SearchResponse) -> list[Json]:
    """Return the hits as a caller reads them."""
    return list(orjson.loads(orjson.dumps(rendered.of(found))))


def test_a_hit_looks_the_same_the_first_time_and_every_time_after() -> None:
    """Keeping what was rendered changes no answer."""
    rendered, found = RenderedHits(10), answer("gen-1", track("a", "Paper"), track("b", "Moons"))
    first = shown(rendered, found)
    assert [each["title"] for each in first] == ["Paper", "Moons"]
    assert shown(rendered, found) == first


def test_a_new_generation_shows_what_it_says() -> None:
    """The same id in another index may be called another name, also while both indexes answer."""
    rendered = RenderedHits(10)
    assert shown(rendered, answer("gen-1", track("a", "Old")))[0]["title"] == "Old"
    assert shown(rendered, answer("gen-2", track("a", "New")))[0]["title"] == "New"
    assert shown(rendered, answer("gen-1", track("a", "Old")))[0]["title"] == "Old"


def test_a_new_delta_shows_what_it_says() -> None:
    """A delta may rename an item of the generation that it stands on, also while answers without it still arrive."""
    rendered = RenderedHits(10)
    for delta, title in (("", "Old"), ("delta-1", "New"), ("", "Old"), ("delta-2", "Newest")):
        found = answer("gen-1", track("a", title), delta=delta)
        assert shown(rendered, found)[0]["title"] == title


def test_what_found_a_hit_is_not_kept_with_it() -> None:
    """The same hit is there for another reason the next time."""
    rendered, found = RenderedHits(10), answer("gen-1", track("a", "Paper"), track("b", "Moons"))
    plain = shown(rendered, found)
    for source in ("prefix", "speller"):
        told = answer("gen-1", *found.hits)
        told.matches.extend([pb.Match(source=source, title=[pb.Range(end=2)]), pb.Match(source=source)])
        reasons = [{"source": source, "title": title, "credit": []} for title in ([[0, 2]], [])]
        assert shown(rendered, told) == [{**hit, "match": why} for hit, why in zip(plain, reasons, strict=True)]
    assert shown(rendered, found) == plain


def test_kinds_with_the_same_id_are_kept_apart() -> None:
    """An id names something within its kind only."""
    rendered = RenderedHits(10)
    artist = pb.Hit(kind=pb.KIND_ARTIST, id="a", title="Nightbus")
    found = shown(rendered, answer("gen-1", track("a", "Paper"), artist))
    assert [each["kind"] for each in found] == ["track", "artist"]


def test_only_so_many_are_kept() -> None:
    """However many hits pass, and of however many generations, memory stays bounded and answers right."""
    rendered = RenderedHits(3)
    for generation in range(5):
        for number in range(20):
            found = answer(f"gen-{generation}", track(str(number), f"{generation}/{number}"))
            assert shown(rendered, found)[0]["title"] == f"{generation}/{number}"
    assert [len(kept) for kept in rendered._indexes.values()] == [3, 3]
