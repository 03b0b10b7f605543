"""Example answers for the documentation; tests hold them against the models."""

from services.edge.api.answers import Json

_ARTIST_NAME: Json = {"id": "demo:7", "name": "Nightbus"}
_ALBUM_TITLE: Json = {"id": "demo:3", "title": "Last Stop"}

TRACK_HIT: Json = {
    "kind": "track",
    "id": "demo:1",
    "title": "Paper Moons",
    "artists": [_ARTIST_NAME],
    "credit": "Nightbus",
    "album": _ALBUM_TITLE,
    "duration_ms": 213_000,
    "release_year": 2019,
    "explicit": False,
    "popularity": 48_210,
}
ARTIST_HIT: Json = {"kind": "artist", "id": "demo:7", "title": "Nightbus", "artists": [], "popularity": 91_007}
SEARCH: Json = {
    "query": "nihgtb",
    "correction": {"query": "nightb", "changed": [[0, 6]]},
    "results": [
        {**ARTIST_HIT, "match": {"source": "speller", "title": [[0, 6]], "credit": []}},
        {**TRACK_HIT, "match": {"source": "speller", "title": [], "credit": [[0, 6]]}},
    ],
    "next_cursor": None,
    "index_generation": "gen-20260101T000000Z-1a2b3c4d",
    "index_delta": "delta-20260101T001500Z-5e6f7a8b",
    "ranker": "match-and-popularity",
    "sources": ["speller"],
    "degraded": [],
    "took_ms": 2.41,
}
SUGGEST: Json = {
    "query": "nightb",
    "suggestions": [{"text": "Nightbus", "kind": "artist"}],
    "index_generation": "gen-20260101T000000Z-1a2b3c4d",
    "degraded": [],
    "took_ms": 1.7,
}
TRACK: Json = {
    "kind": "track",
    "id": "demo:1",
    "title": "Paper Moons",
    "aliases": [],
    "artists": [_ARTIST_NAME],
    "credit": "Nightbus",
    "albums": [{**_ALBUM_TITLE, "position": 4}],
    "isrc": "QZABC1900001",
    "duration_ms": 213_000,
    "release_year": 2019,
    "explicit": False,
    "markets": [],
    "popularity": 48_210,
}
ALBUM: Json = {
    "kind": "album",
    "id": "demo:3",
    "title": "Last Stop",
    "aliases": [],
    "artists": [_ARTIST_NAME],
    "credit": "Nightbus",
    "release_year": 2019,
    "popularity": 60_118,
}
ARTIST: Json = {"kind": "artist", "id": "demo:7", "name": "Nightbus", "aliases": ["Night Bus"], "popularity": 91_007}
TRACK_PAGE: Json = {"tracks": [TRACK_HIT], "next_cursor": "ZGVtbzox"}
