"""Messages from inside as plain values for JSON. A new field of an answer starts here; models.py documents it.

Built by hand from message fields: the generic conversion costs six times as much and these are on the hot path.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from backline.catalog.v1 import catalog_pb2 as catalog
from backline.search.v1 import search_pb2 as search

Json: TypeAlias = dict[str, Any]

KINDS = {"track": search.KIND_TRACK, "album": search.KIND_ALBUM, "artist": search.KIND_ARTIST}
_KIND_NAMES = {number: name for name, number in KINDS.items()}


def hit(found: search.Hit) -> Json:
    """Return one result."""
    kind = found.kind
    answer: Json = {
        "kind": _KIND_NAMES[kind],
        "id": found.id,
        "title": found.title,
        "artists": [{"id": artist.id, "name": artist.name} for artist in found.artists],
        "popularity": found.popularity,
    }
    if kind != search.KIND_ARTIST:
        answer["credit"] = found.credit
        answer["release_year"] = found.release_year or None
    if kind == search.KIND_TRACK:
        album = found.album_id
        answer["album"] = {"id": album, "title": found.album_title} if album else None
        answer["duration_ms"] = found.duration_ms or None
        answer["explicit"] = found.explicit
    return answer


def match(found: search.Match) -> Json:
    """Return why a result is there."""
    return {"source": found.source, "title": _ranges(found.title), "credit": _ranges(found.credit)}


def search_answer(query: str, found: search.SearchResponse, results: Sequence[object], took_s: float) -> Json:
    """Return the answer of /v1/search; `results` are its hits, rendered or not."""
    return {
        "query": query,
        "correction": _correction(found.correction) if found.HasField("correction") else None,
        "results": results,
        "next_cursor": found.next_page_token or None,
        "index_generation": found.index_generation,
        "index_delta": found.index_delta or None,
        "ranker": found.ranker,
        "sources": list(found.sources),
        "degraded": list(found.degraded) if found.degraded else [],  # hardly ever there, and dear to list
        "took_ms": round(took_s * 1000, 2),
    }


def suggest_answer(query: str, found: search.SuggestResponse, took_s: float) -> Json:
    """Return the answer of /v1/suggest."""
    return {
        "query": query,
        "suggestions": [{"text": each.text, "kind": _KIND_NAMES[each.kind]} for each in found.suggestions],
        "index_generation": found.index_generation,
        "degraded": list(found.degraded),
        "took_ms": round(took_s * 1000, 2),
    }


def _correction(found: search.Correction) -> Json:
    return {"query": found.query, "changed": _ranges(found.changed)}


def _ranges(found: Iterable[search.Range]) -> list[tuple[int, int]]:
    return [(each.start, each.end) for each in found]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the artists and titles of the albums that an answer mentions; one that is gone is left out of it."""

    artists: Mapping[str, str]
    albums: Mapping[str, str]

    @classmethod
    def of(cls, items: Sequence[catalog.Item]) -> "Names":
        """Take the names from catalogue items."""
        return cls(
            {item.artist.id: item.artist.name for item in items if item.HasField("artist")},
            {item.album.id: item.album.title for item in items if item.HasField("album")},
        )

    def artists_of(self, ids: Sequence[str]) -> list[Json]:
        """Return the artists by id and name."""
        return [{"id": each, "name": self.artists[each]} for each in ids if each in self.artists]

    def album_of(self, track: catalog.Track) -> Json | None:
        """Return the album to show with a track."""
        shown = track.appearances[0].album_id if track.appearances else ""
        return {"id": shown, "title": self.albums[shown]} if shown in self.albums else None


def artist(item: catalog.Artist) -> Json:
    """Return an artist."""
    return {
        "kind": "artist",
        "id": item.id,
        "name": item.name,
        "aliases": list(item.aliases),
        "popularity": item.popularity,
    }


def album(item: catalog.Album, names: Names) -> Json:
    """Return an album."""
    return {
        "kind": "album",
        "id": item.id,
        "title": item.title,
        "aliases": list(item.aliases),
        "artists": names.artists_of(item.artist_ids),
        "credit": item.credit,
        "release_year": item.release_year or None,
        "popularity": item.popularity,
    }


def listed_track(item: catalog.Track, names: Names) -> Json:
    """Return a track as a list shows it."""
    return {
        "kind": "track",
        "id": item.id,
        "title": item.title,
        "artists": names.artists_of(item.artist_ids),
        "credit": item.credit,
        "album": names.album_of(item),
        "duration_ms": item.duration_ms or None,
        "release_year": item.release_year or None,
        "explicit": item.explicit,
        "popularity": item.popularity,
    }


def track(item: catalog.Track, names: Names) -> Json:
    """Return a track with all that is known of it."""
    shown = listed_track(item, names)
    del shown["album"]
    return {
        **shown,
        "aliases": list(item.aliases),
        "albums": [
            {"id": place.album_id, "title": names.albums[place.album_id], "position": place.position or None}
            for place in item.appearances
            if place.album_id in names.albums
        ],
        "isrc": item.isrc or None,
        "markets": list(item.markets),
    }
