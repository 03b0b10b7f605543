"""What the rows of a table become, and what stays when an import of one breaks off."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import Album, Artist, Item, Reference, Track
from services.catalog.domain.store import Outcome
from services.catalog.imports.delimited.detection import Asked
from services.catalog.imports.delimited.naming import Naming
from services.catalog.imports.ledger import open_ledger
from services.catalog.imports.run import BATCH_ENTRIES, run
from services.catalog.imports.source import Reject
from services.catalog.store.memory import MemoryCatalog
from services.kit.errors import Unavailable
from tests.catalog.tables import kind, opened

TABLE = (
    "title,artist,album,year,plays\n"
    "Slow Ferry,Nell Varding,Harbour,2019,1204\n"
    "Grüne Straße,DJ Maltoom,Harbour,2019,7\n"
    "Полночь,nell  varding,,,\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where a table can be written."""
    return tmp_path / "songs.csv"


def test_artists_and_albums_become_items_known_by_their_names(file: Path) -> None:
    """An artist in two spellings is one under the more used one; its tracks and the album refer to it."""
    content = f"{TABLE}Night Bus,Nell Varding,Harbour,2021,3\n"
    entries = list(opened(file, content).entries())
    nell, _ = sorted(kind(entries, Artist), key=lambda artist: -artist.popularity)
    [harbour] = [album for album in kind(entries, Album) if nell.id in album.artist_ids]
    assert (nell.name, nell.popularity) == ("Nell Varding", 1204)
    assert [track.credit for track in kind(entries, Track) if nell.id in track.artist_ids] == [
        "Nell Varding",
        "nell  varding",
        "Nell Varding",
    ]
    assert (harbour.title, harbour.artist_ids, harbour.release_year) == ("Harbour", (nell.id,), 2021)


def test_albums_of_one_name_by_two_artists_are_two(file: Path) -> None:
    """Who it is by belongs to an album's identity; a column for that keeps a sampler together."""
    rows = "A,Nell,Best Of,\nB,Maltoom,Best Of,\nC,Nell,Sampler,All\nD,Kor,Sampler,All\n"
    albums = kind(list(opened(file, f"title,artist,album,album_artist\n{rows}").entries()), Album)
    assert sorted((album.title, album.credit) for album in albums) == [
        ("Best Of", "Maltoom"),
        ("Best Of", "Nell"),
        ("Sampler", "All"),
    ]


def test_an_album_with_an_id_is_by_whoever_is_on_half_of_it(file: Path) -> None:
    """A guest does not count, and without any such artist it is by various ones."""
    one = "".join(f"T{n},{artist},One,1\n" for n, artist in enumerate(["Nell", "Nell", "Maltoom"]))
    two = "".join(f"U{n},{artist},Two,2\n" for n, artist in enumerate(["Nell", "Kor", "Maltoom"]))
    albums = kind(list(opened(file, f"title,artist,album,album_id\n{one}{two}").entries()), Album)
    assert {album.title: album.credit for album in albums} == {"One": "Nell", "Two": "Various Artists"}


def test_several_artists_in_a_cell_are_told_apart_if_asked_to(file: Path) -> None:
    """Only a separator that was told separates: many a name has a comma in it."""
    content = "title,artist\nA,Nell;Maltoom;Nell\n"
    [alone] = kind(list(opened(file, content, asked=Asked(delimiter=",")).entries()), Track)
    assert (len(alone.artist_ids), alone.credit) == (1, "Nell;Maltoom;Nell")
    several = opened(file, content, asked=Asked(delimiter=","), naming=Naming(separator=";"))
    [both] = kind(list(several.entries()), Track)
    assert (len(both.artist_ids), both.credit) == (2, "Nell & Maltoom")


def test_keys_of_ones_own_become_ids(file: Path) -> None:
    """A key that an id can hold stands in it; another is hashed, always to the same id, and neither is the other's."""
    content = "id,title\n7,A\na/b,B\n~x,C\n"
    first, second, third = (track.id for track in kind(list(opened(file, content).entries()), Track))
    assert first == "csv:7"
    assert [second, third] == [track.id for track in kind(list(opened(file, content).entries()), Track)[1:]]
    assert second.startswith("csv:~")
    assert third not in {"csv:~x", second}


def test_a_second_row_for_the_same_track_is_rejected(file: Path) -> None:
    """The first counts, so that importing again changes nothing; the reason names its line."""
    content = "title,artist,year\nA,Nell,2000\nB,Nell,2001\na,NELL,2002\n"
    entries = list(opened(file, content).entries())
    assert [track.release_year for track in kind(entries, Track)] == [2000, 2001]
    [reject] = kind(entries, Reject)
    assert (reject.row, reject.reason) == (4, "Line 2 has this track already.")


def test_without_popularity_rows_are_counted_and_that_is_said(file: Path) -> None:
    """An artist has as many as rows, a track or album as many as the most credited artist on it."""
    source = opened(file, "title,artist,album\nA,Nell,X\nB,Nell,X\nC,Kor,Y\n")
    entries = list(source.entries())
    assert "no plays" in source.popularity
    assert {artist.name: artist.popularity for artist in kind(entries, Artist)} == {"Nell": 2, "Kor": 1}
    assert [track.popularity for track in kind(entries, Track)] == [2, 2, 1]
    assert {album.title: album.popularity for album in kind(entries, Album)} == {"X": 2, "Y": 1}


def test_a_track_may_have_no_artist(file: Path) -> None:
    """Only the title is required."""
    [track] = kind(list(opened(file, "title,artist\nA,\n").entries()), Track)
    assert (track.credit, track.artist_ids) == ("", ())


@pytest.mark.parametrize("written", range(4))
async def test_an_import_broken_off_is_completed_by_another(file: Path, tmp_path: Path, written: int) -> None:
    """After any batch: what is there in the end is what an unbroken import leaves."""
    rows = "".join(f"Song {number},Artist {number % 7},Album {number % 90}\n" for number in range(3 * BATCH_ENTRIES))
    source = opened(file, f"title,artist,album\n{rows}")
    broken, unbroken = MemoryCatalog(encode, decode), MemoryCatalog(encode, decode)
    left = written

    async def write(items: Sequence[Item], *, replace: bool = False) -> Outcome:
        nonlocal left
        left -= 1
        if left < 0:
            raise Unavailable("Broken off.")
        return await broken.write(items, replace=replace)

    with pytest.raises(Unavailable):
        await run(source, write, tmp_path / "rejects.jsonl")
    await run(source, broken.write, tmp_path / "rejects.jsonl")
    await run(source, unbroken.write, tmp_path / "rejects.jsonl")
    assert await content_of(broken) == await content_of(unbroken)


async def content_of(store: MemoryCatalog) -> list[tuple[Reference, bytes]]:
    """Return every item as it is kept."""
    snapshot = await store.snapshot()
    return [(stored.reference, stored.kept.wire) async for chunk in snapshot.chunks for stored in chunk]


def test_a_full_folder_for_temporary_files_is_one_sentence() -> None:
    """What SQLite says about it becomes the kit's failure."""
    with pytest.raises(Unavailable, match="folder for temporary files"), open_ledger():
        raise sqlite3.OperationalError("database or disk is full")
