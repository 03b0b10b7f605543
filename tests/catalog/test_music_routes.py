"""A folder in the format of music-routes: what becomes of its rows, good and bad."""

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from services.catalog.domain.items import Album, AlbumId, Appearance, Artist, ArtistId, Track, TrackId
from services.catalog.imports.music_routes import open_music_routes
from services.catalog.imports.source import Entry, Reject
from services.kit.errors import Invalid

FOLDER = Path(__file__).parent / "music_routes"
"""Some 250 rows of invented music, 24 of them bad."""
T = TypeVar("T", Artist, Album, Track)
FILES = ("artists.json", "artist_track.json", "releases.json", "track_release.json", "tracks.json")


@pytest.fixture(scope="module")
def entries() -> Sequence[Entry]:
    """Return all that the folder gives."""
    return list(open_music_routes(FOLDER).entries())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the folder to spoil."""
    return shutil.copytree(FOLDER, tmp_path / "music")


def item(entries: Sequence[Entry], kind: type[T], key: str) -> T:
    """Return the item of that kind and key."""
    return next(one for one in entries if isinstance(one, kind) and one.id == f"music-routes:{key}")


def test_every_good_row_becomes_an_item(entries: Sequence[Entry]) -> None:
    """Artists, releases and tracks with a name each become one item."""
    kinds = [type(entry) for entry in entries]
    assert [kinds.count(kind) for kind in (Artist, Album, Track, Reject)] == [20, 18, 60, 24]


def test_every_bad_row_is_told_with_its_place_and_reason(entries: Sequence[Entry]) -> None:
    """No bad row stops the others or vanishes: each is a reject with its file, row, key and reason."""
    no_names = "Its names are not a list of text with at least one name."
    no_id = "It has no _id that is text."
    assert [entry for entry in entries if isinstance(entry, Reject)] == [
        Reject("artists.json", 3, "101", no_names),
        Reject("artists.json", 7, "102", no_names),
        Reject("artists.json", 10, "", no_id),
        Reject("artists.json", 24, "1", "Row 1 has this _id already."),
        Reject("artists.json", 25, "", no_id),
        Reject("artists.json", 26, "103", "The artist's name is empty."),
        Reject("releases.json", 5, "201", no_names),
        Reject("releases.json", 20, "202", "The album's title holds a character that cannot be shown."),
        Reject("releases.json", 21, "3", "Row 3 has this _id already."),
        Reject("tracks.json", 6, "", no_id),
        Reject("tracks.json", 21, "301", no_names),
        Reject("tracks.json", 63, "302", "The track's title holds a character that cannot be shown."),
        Reject(
            "tracks.json",
            64,
            "3 03",
            "The track's id is not <source>:<key> in at most 200 letters, digits and . _ ~ -.",
        ),
        Reject("tracks.json", 65, "304", "The track's title is longer than 1000 characters."),
        Reject("tracks.json", 66, "", no_id),
        Reject("artist_track.json", 11, "5/101", "Its artist_id 101 names no accepted row."),
        Reject("artist_track.json", 31, "999/4", "Its track_id 999 names no accepted row."),
        Reject("artist_track.json", 69, "1/1", "Row 1 says the same."),
        Reject("artist_track.json", 70, "", "It has no track_id and artist_id that are text."),
        Reject("artist_track.json", 71, "", "It has no track_id and artist_id that are text."),
        Reject("track_release.json", 13, "302/1", "Its track_id 302 names no accepted row."),
        Reject("track_release.json", 69, "4/404", "Its release_id 404 names no accepted row."),
        Reject("track_release.json", 70, "1/1", "Row 1 says the same."),
        Reject("track_release.json", 71, "", "It has no track_id and release_id that are text."),
    ]


def test_names_after_the_first_are_aliases(entries: Sequence[Entry]) -> None:
    """The first name is shown, the others are aliases, whatever their script."""
    assert item(entries, Artist, "12") == Artist(ArtistId("music-routes:12"), "Сонная Улица", ("Sonnaya Ulitsa",), 3)
    assert item(entries, Track, "29").aliases == ("Slow Ferry, in concert",)


def test_a_track_has_its_artists_and_releases_in_the_files_order(entries: Sequence[Entry]) -> None:
    """Relations become artist ids, a joined credit, and appearances without a known position."""
    assert item(entries, Track, "1") == Track(
        TrackId("music-routes:1"),
        "Slow Ferry",
        artist_ids=(ArtistId("music-routes:1"), ArtistId("music-routes:8")),
        credit="Nell Varding & DJ Maltoom",
        appearances=(Appearance(AlbumId("music-routes:1")), Appearance(AlbumId("music-routes:17"))),
        popularity=4,
    )


def test_popularity_counts_credited_tracks(entries: Sequence[Entry]) -> None:
    """An artist has as many as tracks, a track or album as many as the most credited artist on it."""
    tracks = [entry for entry in entries if isinstance(entry, Track)]
    artists = [entry for entry in entries if isinstance(entry, Artist)]
    credits_ = Counter(artist for track in tracks for artist in track.artist_ids)
    first = [track.popularity for track in tracks if track.appearances[0].album_id == "music-routes:1"]
    assert {artist.id: artist.popularity for artist in artists} == credits_
    assert all(track.popularity == max(credits_[artist] for artist in track.artist_ids) for track in tracks)
    assert item(entries, Album, "1").popularity == max(first)


def test_an_album_is_credited_to_whoever_is_on_half_of_it(entries: Sequence[Entry]) -> None:
    """A guest on one track is not credited on the album, and a sampler is by various artists."""
    assert item(entries, Album, "1").credit == "Nell Varding"
    assert item(entries, Album, "17").credit == "Various Artists"
    assert item(entries, Album, "17").artist_ids == ()


def write_rows(folder: Path, **files: Sequence[Mapping[str, object]]) -> None:
    """Put rows in place of those of the named files."""
    for name, rows in files.items():
        (folder / f"{name}.json").write_text(json.dumps(rows))


@pytest.mark.parametrize(
    ("artists", "credit"), [([], ""), (["A"], "A"), (["A", "B"], "A & B"), (["A", "B", "C"], "A, B & C")]
)
def test_credits_are_joined_as_on_a_sleeve(folder: Path, artists: list[str], credit: str) -> None:
    """Names are joined by commas, the last by an ampersand; a track may have no artist at all."""
    write_rows(
        folder,
        artists=[{"_id": name, "names": [name]} for name in "ABC"],
        tracks=[{"_id": "1", "names": ["One"]}, {"_id": "2", "names": ["Two"]}],
        releases=[{"_id": "1", "names": ["Album"]}],
        artist_track=[{"artist_id": "A", "track_id": "2"}, *({"artist_id": a, "track_id": "1"} for a in artists)],
        track_release=[{"track_id": "1", "release_id": "1"}],
    )
    entries = list(open_music_routes(folder).entries())
    assert item(entries, Track, "1").credit == credit
    assert item(entries, Album, "1").credit == credit


def test_names_are_tidied(folder: Path) -> None:
    """Blanks around a name go, and so does an alias that says nothing new."""
    write_rows(folder, artists=[{"_id": "1", "names": [" Two  Words ", "Alias", "Two  Words", "Alias "]}])
    assert item(list(open_music_routes(folder).entries()), Artist, "1").name == "Two  Words"
    assert item(list(open_music_routes(folder).entries()), Artist, "1").aliases == ("Alias",)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"", "is not JSON."),
        (b'[{"_id": "1", ', "is not JSON."),
        (b"\xff\xfe\x00\x01", "is not JSON."),
        (b"[" * 100_000, "is not JSON."),
        (b'{"_id": "1"}', "is not a JSON array."),
        (b"[]", "has no row with"),
        (b'[{"id": 1, "title": "Something else"}]', "has no row with"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_claims_is_refused_at_once(
    folder: Path, file: str, content: bytes | None, sentence: str
) -> None:
    """Opening names the file and what is wrong with it, before any item is read."""
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_bytes(content)
    with pytest.raises(Invalid) as refused:
        open_music_routes(folder)
    assert str(refused.value).startswith(f"{folder / file} {sentence}")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A wrong path is Invalid and named."""
    with pytest.raises(Invalid, match="nowhere"):
        open_music_routes(tmp_path / "nowhere")
