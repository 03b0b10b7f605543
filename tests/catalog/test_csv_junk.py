"""Every cell of a small table replaced in turn by junk: its row is rejected with a reason, or clean; others come."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from services.catalog.domain.items import Track
from services.catalog.imports.delimited.source import FIELDS
from services.catalog.imports.source import Reject
from tests.catalog.tables import kind, opened

ROW = {
    "title": "Späte Fähre",
    "artist": "Nell Varding",
    "artist_id": "n1",
    "album": "Harbour",
    "album_artist": "Nell Varding",
    "album_id": "h1",
    "isrc": "ZZABC2400001",
    "duration_ms": "225000",
    "duration_s": "225",
    "duration": "3:45",
    "year": "2019",
    "popularity": "1204",
    "explicit": "no",
    "aliases": "Ferry",
    "markets": "DE",
    "position": "3",
}
TEXT = ("id", "title", "artist", "artist_id", "album", "album_artist", "album_id", "aliases")
NEEDED = ("title", "artist", "album")
"""Without its title, or the name of what has an id, a row says nothing."""
MAPPED = {"position": "position"}
"""Not found by its name: in many a table that is the place in a chart."""
ROWS = 4
JUNKED = 2


def table(field: str, junk: bytes) -> bytes:
    """Return a table of four rows; the third has junk in that field."""
    rows = [{"id": str(number), **ROW} for number in range(ROWS)]
    lines = [[row[name].encode() for name in FIELDS] for row in rows]
    lines[JUNKED][FIELDS.index(field)] = junk
    header = [name.encode() for name in FIELDS]
    return b"".join(b",".join(line) + b"\n" for line in [header, *lines])


def read(path: Path, field: str, junk: bytes) -> tuple[Sequence[str], Sequence[Reject]]:
    """Return the ids of the tracks that came, and the rejects."""
    entries = list(opened(path, table(field, junk), mapped=MAPPED).entries())
    return [track.id for track in kind(entries, Track)], kind(entries, Reject)


def test_the_table_is_clean(tmp_path: Path) -> None:
    """Without junk all of its rows come, so that what follows is the junk's doing."""
    assert read(tmp_path / "clean.csv", "year", b"2019") == ([f"csv:{number}" for number in range(ROWS)], [])


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    ("junk", "reason"),
    [
        (b"\x00", ""),
        (b"x" * 10_000_000, "The row is longer than"),
        (b"\xed\xa0\xbd", "is not text in utf-8"),
        (b"\xe9t\xe9", "is not text in utf-8"),
        (b"x\x1by", ""),
    ],
    ids=["nul", "ten megabytes", "lone surrogate", "another encoding", "control character"],
)
def test_junk_is_rejected_with_its_reason(tmp_path: Path, field: str, junk: bytes, reason: str) -> None:
    """What no catalogue can hold is refused by its row, in a sentence, and costs no other row."""
    tracks, rejects = read(tmp_path / "junk.csv", field, junk)
    assert tracks == [f"csv:{number}" for number in range(ROWS) if number != JUNKED]
    [reject] = rejects
    assert reject.row == JUNKED + 2
    assert reason in reject.reason
    assert reject.reason.endswith(".")
    assert len(reject.reason) < 200


@pytest.mark.parametrize("field", [field for field in FIELDS if field not in TEXT])
def test_a_wrong_type_is_rejected_with_its_reason(tmp_path: Path, field: str) -> None:
    """A word where a number, a date, an answer or a code belongs is shown beside the column's name."""
    tracks, [reject] = read(tmp_path / "wrong.csv", field, b"harbour")
    assert len(tracks) == ROWS - 1
    assert field.removesuffix("_ms").removesuffix("_s") in reject.reason.replace(" ", "_")


@pytest.mark.parametrize("field", FIELDS)
def test_an_empty_cell_is_clean_where_the_field_is_optional(tmp_path: Path, field: str) -> None:
    """Only a row without its title, or with an id and no name to it, is rejected."""
    tracks, rejects = read(tmp_path / "empty.csv", field, b"  ")
    assert len(tracks) == ROWS - len(rejects)
    assert [reject.row for reject in rejects] == ([JUNKED + 2] if field in NEEDED else [])


@pytest.mark.parametrize(("row", "cells"), [(b"alone", 1), (b",".join([b"x"] * 40), 40), (b",".join([b"x"] * 16), 16)])
def test_a_row_with_too_few_or_too_many_cells_is_rejected(tmp_path: Path, row: bytes, cells: int) -> None:
    """Which cell is whose cannot be told; the reason says how many there are."""
    entries = list(opened(tmp_path / "odd.csv", table("year", b"2019") + row + b"\n").entries())
    [reject] = kind(entries, Reject)
    assert (reject.row, reject.reason) == (ROWS + 2, f"The row has {cells} cells and not {len(FIELDS)}.")
    assert len(kind(entries, Track)) == ROWS


def test_empty_cells_at_the_end_of_a_row_are_no_fault(tmp_path: Path) -> None:
    """Spreadsheets write them."""
    content = table("year", b"2019").replace(b",3\n", b",3,,\n")
    assert len(kind(list(opened(tmp_path / "wide.csv", content).entries()), Track)) == ROWS
