"""The stored answers that both sides of a benchmark send: invented, and the same in every process."""

from collections.abc import Iterable, Iterator
from itertools import count, islice

import orjson

from backline.search.v1 import search_pb2 as pb
from services.edge.api.answers import hit, search_answer

QUERY = "paper mo"
RESULTS = 20
STORED_BYTES = 4_000


def found() -> pb.SearchResponse:
    """Return a page of results as search answers it; about 4 kB once it is JSON."""
    return _response(islice(_hits(), RESULTS))


def page() -> bytes:
    """Return the same page as the edge answers it."""
    answer = found()
    return orjson.dumps(search_answer(QUERY, answer, [hit(each) for each in answer.hits], took_s=0.0031))


def stored() -> bytes:
    """Return an answer of search's that is 4 kB on the wire."""
    hits: list[pb.Hit] = []
    for each in _hits():
        hits.append(each)
        wire: bytes = _response(hits).SerializeToString()
        if len(wire) >= STORED_BYTES:
            return wire
    raise AssertionError("the hits are endless")


def _response(hits: Iterable[pb.Hit]) -> pb.SearchResponse:
    return pb.SearchResponse(
        hits=hits,
        next_page_token="20",  # noqa: S106 - a place in a list, no password
        index_generation="gen-20260101T000000-5e1f",
        index_delta="delta-20260101T001500-7c2d",
        ranker="popular",
        sources=["prefix"],
    )


def _hits() -> Iterator[pb.Hit]:
    """Yield hits without end: of each ten six tracks, three albums and an artist."""
    for number in count(1):
        artist = pb.ArtistName(id=f"demo:a{number}", name=f"Nightbus {number}")
        popularity = 1_000_000 // number
        match number % 10:
            case 0:
                yield pb.Hit(kind=pb.KIND_ARTIST, id=artist.id, title=artist.name, popularity=popularity)
            case 3 | 6 | 9:
                yield pb.Hit(
                    kind=pb.KIND_ALBUM,
                    id=f"demo:r{number}",
                    title=f"Paper Moons, Volume {number}",
                    artists=[artist],
                    credit=artist.name,
                    release_year=1970 + number,
                    popularity=popularity,
                )
            case _:
                yield _track(number, artist, popularity)


def _track(number: int, artist: pb.ArtistName, popularity: int) -> pb.Hit:
    return pb.Hit(
        kind=pb.KIND_TRACK,
        id=f"demo:t{number}",
        title=f"Paper Moons, Part {number}",
        artists=[artist],
        credit=artist.name,
        album_id=f"demo:r{number}",
        album_title="Last Stop",
        duration_ms=180_000 + 1_000 * number,
        release_year=1970 + number,
        popularity=popularity,
    )
