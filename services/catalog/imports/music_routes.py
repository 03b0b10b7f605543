"""A source of artists, tracks and albums: a folder in the format of music-routes."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from services.catalog.domain.items import Album, Appearance, Artist, ArtistId, Item, Track
from services.catalog.imports.credits import VARIOUS_ARTISTS, joined
from services.catalog.imports.music_routes_rows import Accepted, Named, Tables, accept, read_tables
from services.catalog.imports.source import Entry, Source, checked

POPULARITY = (
    "The data has no plays: an artist's popularity is the number of tracks the artist is credited on, "
    "and that of a track or album is the greatest among the artists on it."
)


def open_music_routes(folder: Path) -> Source:
    """Return the folder as a source. Raises Invalid, with one sentence, where a file is not what it claims to be."""
    tables = read_tables(folder)
    named = sum(len(tables[file]) for file in ("artists.json", "releases.json", "tracks.json"))
    return Source(POPULARITY, size=named, entries=partial(_entries, tables))


def _entries(tables: Tables) -> Iterator[Entry]:
    accepted = yield from accept(tables)
    relations = _relations(accepted)
    for artist in accepted.artists.values():
        yield _checked(artist, replace(artist.item, popularity=relations.credits[artist.key]))
    for album in accepted.albums.values():
        yield _checked(album, _album(album, accepted, relations))
    for track in accepted.tracks.values():
        yield _checked(track, _track(track, accepted, relations))


@dataclass(frozen=True, slots=True)
class _Relations:
    """What belongs to what, by key."""

    artists_of: Mapping[str, Sequence[str]]
    """A track's artists, in the order of the file."""
    albums_of: Mapping[str, Sequence[str]]
    tracks_on: Mapping[str, Sequence[str]]
    credits: Mapping[str, int]
    """How many tracks an artist is credited on."""


def _relations(accepted: Accepted) -> _Relations:
    return _Relations(
        artists_of=_grouped(accepted.track_artists),
        albums_of=_grouped(accepted.track_albums),
        tracks_on=_grouped((album, track) for track, album in accepted.track_albums),
        credits=Counter(artist for _, artist in accepted.track_artists),
    )


def _grouped(pairs: Iterable[tuple[str, str]]) -> defaultdict[str, list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for one, other in pairs:
        groups[one].append(other)
    return groups


def _album(album: Named[Album], accepted: Accepted, relations: _Relations) -> Album:
    """Credit an album to whoever is on half of its tracks or more; nobody is on a sampler of various artists."""
    tracks = relations.tracks_on[album.key]
    appearing = Counter(artist for track in tracks for artist in relations.artists_of[track])
    credited = [artist for artist, times in appearing.most_common() if 2 * times >= len(tracks)]
    return replace(
        album.item,
        artist_ids=_artist_ids(credited, accepted),
        credit=_credit(credited, accepted) if credited or not appearing else VARIOUS_ARTISTS,
        popularity=_popularity(appearing, relations),
    )


def _track(track: Named[Track], accepted: Accepted, relations: _Relations) -> Track:
    artists = relations.artists_of[track.key]
    return replace(
        track.item,
        artist_ids=_artist_ids(artists, accepted),
        credit=_credit(artists, accepted),
        appearances=tuple(Appearance(accepted.albums[album].item.id) for album in relations.albums_of[track.key]),
        popularity=_popularity(artists, relations),
    )


def _artist_ids(artists: Sequence[str], accepted: Accepted) -> tuple[ArtistId, ...]:
    return tuple(accepted.artists[artist].item.id for artist in artists)


def _credit(artists: Sequence[str], accepted: Accepted) -> str:
    return joined([accepted.artists[artist].item.name for artist in artists])


def _popularity(artists: Collection[str], relations: _Relations) -> int:
    return max((relations.credits[artist] for artist in artists), default=0)


def _checked(named: Named[Artist] | Named[Album] | Named[Track], item: Item) -> Entry:
    return checked(item, file=named.file, row=named.row, key=named.key)
