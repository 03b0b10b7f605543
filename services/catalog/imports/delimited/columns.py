"""Which column is what: as the person says, else as the headers are usually called."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from services.catalog.imports.delimited.cells import shown
from services.kit.errors import Invalid

USUAL_HEADERS: Mapping[str, Sequence[str]] = {
    "title": (
        *("title", "track", "trackname", "tracktitle", "song", "songname", "songtitle", "recording", "recordingname"),
        *("name", "titel", "titre", "titulo", "título"),  # codespell:ignore titel
    ),
    "artist": (
        *("artist", "artists", "artistname", "artistnames", "artistsnames", "trackartist", "trackartists", "performer"),
        *("performers", "band", "singer", "interpret", "künstler", "artiste", "artista"),
    ),
    "artist_id": ("artistid", "artistids", "artistmbid", "artistmbids", "artisturi"),
    "album": ("album", "albumname", "albumtitle", "trackalbumname", "release", "releasename", "releasetitle"),
    "album_artist": ("albumartist", "albumartists", "albumartistname", "albumartistnames"),
    "album_id": ("albumid", "trackalbumid", "albumuri", "releaseid", "releasembid"),
    "id": ("id", "trackid", "songid", "recordingid", "recordingmbid", "trackuri", "uri"),
    "isrc": ("isrc", "isrccode"),
    "duration_ms": ("durationms", "trackdurationms", "lengthms", "milliseconds", "durationmilliseconds"),
    "duration_s": ("durations", "durationsec", "durationseconds", "lengthsec", "lengthseconds", "seconds"),
    "duration": ("duration", "trackduration", "length", "time", "playtime", "tracktime", "dauer"),
    "year": (
        *("year", "releaseyear", "releasedate", "trackalbumreleasedate", "albumreleasedate", "released"),
        *("date", "jahr", "año", "année"),
    ),
    "popularity": (
        *("popularity", "trackpopularity", "plays", "playcount", "streams", "totalstreams", "streamcount"),
        *("listens", "listencount", "listeners", "scrobbles", "views"),
    ),
    "explicit": ("explicit", "isexplicit", "explicitlyrics", "trackexplicit"),
    "aliases": ("aliases", "alias", "aka", "othertitles"),
    "markets": ("markets", "availablemarkets", "countries"),
    "position": ("tracknumber", "trackno", "trackposition", "tracknr"),
}
"""The fields of a track, and what their columns usually are called, without blanks and marks; the first counts."""

_LISTED = 30


def plain(header: str) -> str:
    """Return the header as it stands in the table above: "Artist(s)" is "artists"."""
    return re.sub(r"[\W_]+", "", header).casefold()


def known(headers: Sequence[str], mapped: Mapping[str, str]) -> bool:
    """Return whether the headers have a usual one, or one that the person named."""
    usual = {usual for headers in USUAL_HEADERS.values() for usual in headers}
    named = {plain(column) for column in mapped.values()}
    return any(header and header in usual | named for header in map(plain, headers))


def columns(headers: Sequence[str], mapped: Mapping[str, str], examples: Sequence[str] = ()) -> Mapping[str, int]:
    """Return the place of each field's column, from 0.

    What the person mapped counts, an empty column name leaving a field out; other fields are found by usual headers,
    none in a column that is mapped. Raises Invalid where a column is not there, or none holds titles, and then names
    what there is, with an example each where there are some.
    """
    there = listed(headers, examples)
    places = {field: _place(headers, column, there) for field, column in mapped.items() if column}
    plains = [plain(header) for header in headers]
    for field, usual in USUAL_HEADERS.items():
        found = (plains.index(header) for header in usual if header in plains)
        place = next((place for place in found if place not in places.values()), None)
        if field not in mapped and place is not None:
            places[field] = place
    if "title" not in places:
        raise Invalid(f"Say which column holds the titles, with --map title=COLUMN; there are: {there}.")
    return places


def listed(headers: Sequence[str], examples: Sequence[str] = ()) -> str:
    """Return the headers, or the first of many, as a sentence has them, with what there are of examples."""
    told = [f"{header} ({example})" for header, example in zip(headers, examples, strict=True)] if examples else headers
    more = [f"and {len(headers) - _LISTED} more"] if len(headers) > _LISTED else []
    return ", ".join([*told[:_LISTED], *more])


def _place(headers: Sequence[str], column: str, there: str) -> int:
    if column in headers:
        return headers.index(column)
    plains = [plain(header) for header in headers]
    if plain(column) and plain(column) in plains:
        return plains.index(plain(column))
    if column.isdecimal() and 1 <= int(column) <= len(headers):
        return int(column) - 1
    near = get_close_matches(plain(column), plains, n=1)
    meant = f" (did you mean {shown(headers[plains.index(near[0])])}?)" if near else ""
    raise Invalid(f"There is no column {shown(column)}{meant}; there are: {there}.")
