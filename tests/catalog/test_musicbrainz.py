"""MusicBrainz' canonical data: what becomes of its rows, good and bad."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from backports import zstd

from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import Album, AlbumId, Appearance, Artist, ArtistId, Track, TrackId
from services.catalog.domain.store import Outcome
from services.catalog.imports.musicbrainz import open_musicbrainz_canonical
from services.catalog.imports.run import run
from services.catalog.imports.source import Entry, Reject
from services.catalog.store.memory import MemoryCatalog
from services.kit.errors import Invalid
from tests.catalog.tables import kind

HEADER = (
    *("id", "artist_credit_id", "artist_mbids", "artist_credit_name", "release_mbid", "release_name"),
    *("recording_mbid", "recording_name", "combined_lookup", "score"),
)
NOT_MBID = "is not what MusicBrainz names things by."


def mbid(number: int) -> str:
    """Return an invented MBID."""
    return f"{number:08x}-0000-4000-8000-000000000000"


NELL, KOR, MALT = mbid(1), mbid(2), mbid(3)
NELL_ID, MALT_ID = ArtistId(f"musicbrainz:{NELL}"), ArtistId(f"musicbrainz:{MALT}")
HARBOUR = AlbumId(f"musicbrainz:{mbid(100)}")


def row(recording: int, artists: str, credit: str, **others: str) -> Mapping[str, str]:
    """Return a row on a release of the number 100."""
    return {
        "id": "9",
        "artist_credit_id": "7",
        "artist_mbids": artists,
        "artist_credit_name": credit,
        "release_mbid": mbid(100),
        "release_name": "Harbour",
        "recording_mbid": mbid(recording),
        "recording_name": f"Song {recording}",
        "combined_lookup": "songharbour",
        "score": "4711",
    } | others


GOOD = (
    row(11, NELL, "Nell Varding"),
    row(12, NELL, "Nell Varding"),
    row(13, NELL, "N. Varding"),
    row(14, f"{NELL},{KOR}", "Nell Varding feat. Kor"),
    row(15, f"{{{NELL},{MALT}}}", "Nell Varding & Malt"),
    row(16, f"{{{MALT}}}", "DJ Maltoom", release_mbid="", release_name=""),
)


def written(path: Path, *rows: Mapping[str, str]) -> Path:
    """Write the rows under the header and return the file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, HEADER)
        table.writeheader()
        table.writerows(rows)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where data can be written."""
    return tmp_path / "canonical.csv"


def entries(path: Path) -> list[Entry]:
    """Return all that the file gives."""
    return list(open_musicbrainz_canonical(path).entries())


def test_a_recording_becomes_a_track_on_its_canonical_release(file: Path) -> None:
    """Ids are MBIDs, and the score of a row is not popularity: that is how many rows its artist is on."""
    first, *_ = kind(entries(written(file, *GOOD)), Track)
    assert first == Track(
        TrackId(f"musicbrainz:{mbid(11)}"),
        "Song 11",
        artist_ids=(NELL_ID,),
        credit="Nell Varding",
        appearances=(Appearance(HARBOUR),),
        popularity=5,
    )


def test_an_artist_is_named_by_rows_of_its_own(file: Path) -> None:
    """The most used name counts, the others are aliases; who is only on rows with others becomes no item."""
    assert kind(entries(written(file, *GOOD)), Artist) == [
        Artist(NELL_ID, "Nell Varding", ("N. Varding",), 5),
        Artist(MALT_ID, "DJ Maltoom", (), 2),
    ]


def test_a_credit_refers_to_the_artists_that_there_are(file: Path) -> None:
    """One who becomes no item stays in the text of the credit, and no id leads nowhere, however the list is written."""
    tracks = {track.title: track for track in kind(entries(written(file, *GOOD)), Track)}
    assert tracks["Song 14"].credit == "Nell Varding feat. Kor"
    assert tracks["Song 14"].artist_ids == (NELL_ID,)
    assert tracks["Song 15"].artist_ids == (NELL_ID, MALT_ID)


def test_a_release_becomes_an_album_by_whoever_is_on_half_of_it(file: Path) -> None:
    """A guest on some recordings is not credited on it; a row without a release has none."""
    found = entries(written(file, *GOOD))
    assert kind(found, Album) == [Album(HARBOUR, "Harbour", (), (NELL_ID,), "Nell Varding", popularity=5)]
    assert kind(found, Track)[-1].appearances == ()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(99, NELL, "Nell", recording_name=" "), "The track's title is empty."),
        (row(99, NELL, "Nell", recording_name="x\0"), "The track's title holds a character that cannot be shown."),
        (row(99, NELL, "Nell", recording_mbid="99"), f"Its recording_mbid {NOT_MBID}"),
        (row(99, NELL, "Nell", release_mbid="99"), f"Its release_mbid {NOT_MBID}"),
        (row(99, NELL, "Nell", release_name=""), "The album's title is empty."),
        (row(99, f"{NELL};{KOR}", "Nell"), f"Its artist_mbids {NOT_MBID}"),
        (row(99, "x" * 10_000_000, "Nell"), "The row is longer than 131072 characters or 1000 lines."),
        (row(11, KOR, "Kor"), "Line 2 has this track already."),
    ],
    ids=lambda value: "" if isinstance(value, dict) else None,
)
def test_a_bad_row_is_rejected_with_its_reason(file: Path, bad: Mapping[str, str], reason: str) -> None:
    """It costs no other row, and the reject names its line."""
    found = entries(written(file, *GOOD, bad, row(98, NELL, "Nell Varding")))
    [reject] = kind(found, Reject)
    assert (reject.row, reject.reason) == (8, reason)
    assert len(kind(found, Track)) == len(GOOD) + 1


def test_bytes_that_are_no_text_are_rejected(file: Path) -> None:
    """A lone surrogate, which UTF-8 cannot carry, costs its row."""
    content = written(file, *GOOD).read_bytes().replace(b"Song 12", b"\xed\xa0\xbd")
    file.write_bytes(content)
    assert [reject.row for reject in kind(entries(file), Reject)] == [3]


def test_a_row_may_credit_nobody(file: Path) -> None:
    """Without artists the text of the credit stays."""
    [track] = kind(entries(written(file, row(11, "", "Somebody"))), Track)
    assert (track.artist_ids, track.credit, track.popularity) == ((), "Somebody", 0)


def test_columns_are_found_by_the_header_and_compression_by_the_content(file: Path) -> None:
    """In another order and compressed, the same rows give the same items."""
    plain = entries(written(file, *GOOD))
    text = io.StringIO()
    table = csv.DictWriter(text, sorted(HEADER))
    table.writeheader()
    table.writerows(GOOD)
    file.write_bytes(zstd.compress(text.getvalue().encode()))
    assert entries(file) == plain


@pytest.mark.parametrize("content", ["", "id,score\n1,2\n", '"id\n', "\x00\x01\x02"])
def test_a_file_that_is_not_what_it_claims_is_refused(file: Path, content: str) -> None:
    """One sentence names the columns that are missing, before any item is read."""
    file.write_text(content)
    with pytest.raises(Invalid, match="does not name artist_mbids, artist_credit_name"):
        open_musicbrainz_canonical(file)


async def test_importing_again_changes_nothing(file: Path, tmp_path: Path) -> None:
    """Every row and its rejects come out the same, in the same generation."""
    store = MemoryCatalog(encode, decode)
    written(file, *GOOD, row(11, KOR, "Kor"))
    first = await run(open_musicbrainz_canonical(file), store.write, tmp_path / "rejects.jsonl")
    generation = await store.generation()
    again = await run(open_musicbrainz_canonical(file), store.write, tmp_path / "rejects.jsonl")
    assert again.outcome == Outcome(unchanged=first.items.total)
    assert (again.rejected, await store.generation()) == (1, generation)
