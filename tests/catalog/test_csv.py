"""A table in a text file: how it is understood, and what its rows become."""

import gzip
import lzma
from collections.abc import Sequence
from pathlib import Path

import pytest
from backports import zstd

from services.catalog.domain.items import Album, Artist, Track
from services.catalog.imports.delimited.detection import Asked
from services.catalog.imports.delimited.naming import Naming
from services.catalog.imports.delimited.source import Reading, open_delimited
from services.catalog.imports.source import Reject
from services.kit.errors import Invalid
from tests.catalog.tables import kind, opened

TITLES = ["Slow Ferry", "Grüne Straße", "Полночь"]
HEADERS = ("Track Name", "Artist(s)", "Album", "release_date", "Play Count")
FIELDS = ("title", "artist", "album", "year", "popularity")
TABLE = (
    "Track Name,Artist(s),Album,release_date,Play Count\n"
    'Slow Ferry,Nell Varding,Harbour,2019-03-01,"1,204"\n'
    "Grüne Straße,DJ Maltoom,Harbour,2019,7\n"
    "Полночь,nell  varding,,,\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where a table can be written."""
    return tmp_path / "songs.csv"


def titles(path: Path, content: str | bytes, asked: Asked | None = None) -> list[str]:
    """Return the titles of the tracks in a file of that content."""
    return [track.title for track in kind(list(opened(path, content, asked=asked).entries()), Track)]


def test_usual_headers_need_no_mapping(file: Path) -> None:
    """Titles, artists, albums, years and plays are found by how such columns are usually called, and that is said."""
    source = opened(file, TABLE)
    slow, *_ = kind(list(source.entries()), Track)
    assert (slow.title, slow.credit, slow.release_year, slow.popularity) == ("Slow Ferry", "Nell Varding", 2019, 1204)
    assert source.understood == (
        f"Read as UTF-8, separated by commas; the first line is the header: {', '.join(HEADERS)}.",
        f"Used: {', '.join(f'{field} from {header}' for field, header in zip(FIELDS, HEADERS, strict=True))}.",
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_delimiter_line_ends_and_encoding_are_found(file: Path, delimiter: str, end: str, encoding: str) -> None:
    """However the same table is written, the same tracks are read."""
    plain = TABLE.replace('"1,204"', "1204").replace(",", delimiter).replace("\n", end)
    assert titles(file, plain.encode(encoding)) == TITLES


def test_an_old_encoding_is_guessed(file: Path) -> None:
    """A file that is not UTF-8 is read in the encoding that makes its words words."""
    rows = "".join(f"Grüße aus Köln Nr. {number};Jörg Müßig;Über den Dächern\n" for number in range(20))
    assert titles(file, f"Title;Interpret;Album\n{rows}".encode("cp1252"))[3] == "Grüße aus Köln Nr. 3"


@pytest.mark.parametrize(
    ("rows", "encoding"),
    [
        (("Año nuevo,Niño Triste", "Mañana,Niña Alegre", "Canción,Corazón"), "latin-1"),
        (("Été à Nîmes,Les Élèves", "Garçon,Les Élèves"), "latin-1"),
        (("Båten går på ån,Älgen", "Öl är gott,Älgen", "Räven,Åsa Öberg"), "latin-1"),
        (("Rødgrød,Søren Ågård", "Blåbær på øen,Søren Ågård"), "cp1252"),
        (("Perché è così,Città", "Libertà è già qui,Nicolò"), "latin-1"),
        (("Łódź nocą,Żółte Ściany", "Święto,Żółte Ściany"), "cp1250"),
        (("Příliš žluťoučký kůň,Tři Sestry", "Štěstí ve hře,Tři Sestry"), "cp1250"),
        (("Полночь,Группа Света", "Восьмая песня,Чайник"), "cp1251"),
    ],
    ids=["es", "fr", "sv", "da", "it", "pl", "cs", "ru"],
)
def test_a_few_words_are_enough_to_guess_an_encoding(file: Path, rows: Sequence[str], encoding: str) -> None:
    """Where several encodings fit, it is the one that makes letters, then the usual one; a guess is called one."""
    source = opened(file, "\n".join(["title,artist", *rows]).encode(encoding))
    assert [f"{track.title},{track.credit}" for track in kind(list(source.entries()), Track)] == list(rows)
    assert " (a guess; --encoding names another), separated by commas" in source.understood[0]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
@pytest.mark.parametrize("header", ["title;artist\n", ""])
def test_a_first_line_that_declares_the_delimiter_is_no_row(file: Path, first: str, header: str) -> None:
    """A spreadsheet's own first line is obeyed and passed over; the lines keep their numbers."""
    content = f"{first}\n{header}Slow Ferry;Nell, Varding\n;\n"
    entries = list(opened(file, content, mapped={} if header else {"title": "1", "artist": "2"}).entries())
    assert [(track.title, track.credit) for track in kind(entries, Track)] == [("Slow Ferry", "Nell, Varding")]
    assert [reject.row for reject in kind(entries, Reject)] == [content.count("\n")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (gzip.compress(TABLE.encode()), "is compressed by gzip; unpack it"),
        (lzma.compress(TABLE.encode()), "is compressed by xz; unpack it"),
        (b"PK\x03\x04" + bytes(range(256)), "save the table as CSV"),
        (
            zstd.compress(b"songs.csv".ljust(257, b"\0") + b"ustar"),
            "is a tar archive; unpack it",
        ),
        (bytes(range(256)) * 99, "is not text, or in an encoding that cannot be told"),
    ],
    ids=["gzip", "xz", "spreadsheet", "tar", "binary"],
)
def test_what_is_no_table_is_refused_by_what_it_is(file: Path, content: bytes, sentence: str) -> None:
    """What people take for a table is named, with what to do about it."""
    with pytest.raises(Invalid, match=sentence):
        opened(file, content)


def test_what_is_said_counts_more_than_what_is_found(file: Path) -> None:
    """Encoding, delimiter and header can be told."""
    said = Asked(encoding="cp1251", delimiter="/", header=True)
    assert titles(file, "title/1\nДни, ветви/2\n".encode("cp1251"), said) == ["Дни, ветви"]


def test_a_file_without_a_header_has_numbered_columns(file: Path) -> None:
    """Where the first line is a row like the others it is one, and columns are named by their numbers."""
    source = opened(file, "1,Slow Ferry,Nell\n2,Night Bus,Nell\n", mapped={"title": "2", "artist": "3"})
    assert [track.title for track in kind(list(source.entries()), Track)] == ["Slow Ferry", "Night Bus"]
    assert "there is no header" in source.understood[0]


def test_a_column_without_a_name_has_a_number(file: Path) -> None:
    """Where the header has an empty cell, the column can be mapped by its number."""
    source = opened(file, "title,,x\nA,Nell,y\n", mapped={"artist": "2"})
    assert [track.credit for track in kind(list(source.entries()), Track)] == ["Nell"]
    assert "header: title, 2, x." in source.understood[0]


def test_a_header_of_unknown_words_is_one_if_what_is_below_differs(file: Path) -> None:
    """Words above a column of numbers are its name."""
    source = opened(file, "Naam,Maker,Jaren\nSlow Ferry,Nell,1999\n", mapped={"title": "1"})
    assert [track.title for track in kind(list(source.entries()), Track)] == ["Slow Ferry"]


def test_what_is_mapped_wins_and_the_rest_is_found(file: Path) -> None:
    """A column that is mapped is used for that alone, and an empty name leaves a field out."""
    content = "title,artist,album,plays\nA,B,C,5\n"
    [track] = kind(list(opened(file, content, mapped={"title": "album", "popularity": ""}).entries()), Track)
    assert (track.title, track.credit, track.appearances, track.popularity) == ("C", "B", (), 1)


@pytest.mark.parametrize(
    ("content", "mapped", "sentence"),
    [
        ("title,Band\nA,B\n", {"artist": "bnd"}, r'no column "bnd" \(did you mean "Band"\?\); there are: title, Band'),
        ("a,b\n1,2\n", {}, "Say which column holds the titles, with --map title=COLUMN; there are: a, b"),
        ("A,B\nC,D\n", {}, r'with --map title=COLUMN; there are: 1 \("A"\), 2 \("B"\)'),
        ("title\nA\n", {"tempo": "title"}, "A track has no tempo; it has: title, artist"),
        ("", {}, "is empty"),
        ("\n\n", {}, "is empty"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_understood_is_refused_in_one_sentence(
    file: Path, content: str, mapped: dict[str, str], sentence: str
) -> None:
    """Before any row is read, it is said what is missing and what there is."""
    with pytest.raises(Invalid, match=sentence):
        opened(file, content, mapped=mapped)


def test_an_unknown_encoding_is_refused(file: Path) -> None:
    """A name that is no encoding of text is said to be none."""
    for name in ("no-such", "base64"):
        with pytest.raises(Invalid, match=f"There is no encoding {name}"):
            opened(file, TABLE, asked=Asked(encoding=name))


def test_a_source_has_a_name_that_ids_can_have(file: Path) -> None:
    """Ids begin with it, so it has their form."""
    with pytest.raises(Invalid, match="small letters"):
        opened(file, TABLE, naming=Naming(source="My Songs"))
    assert kind(list(opened(file, TABLE, naming=Naming("mine")).entries()), Track)[0].id.startswith("mine:")


def test_a_compressed_table_is_read_by_what_it_holds(file: Path) -> None:
    """Zstandard is told by its first bytes, whatever the file's name; progress counts the bytes on the disk."""
    compressed = zstd.compress(TABLE.encode())
    source = opened(file, compressed)
    assert [track.title for track in kind(list(source.entries()), Track)] == TITLES
    assert source.read
    assert source.read() == source.size == len(compressed)


@pytest.mark.parametrize("cut", [6, -20])
def test_a_compressed_table_that_is_cut_off_is_refused(file: Path, cut: int) -> None:
    """What is missing is not passed over in silence."""
    with pytest.raises(Invalid, match="cut off or damaged"):
        list(opened(file, zstd.compress(TABLE.encode() * 9)[:cut]).entries())


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, or nothing at all, is named."""
    for path, sentence in ((tmp_path, "is not a file"), (tmp_path / "none", "cannot be read: No such file")):
        with pytest.raises(Invalid, match=sentence):
            open_delimited(path, Reading())


def test_a_preview_shows_rows_one_by_one(file: Path) -> None:
    """Each row by itself: its track, artists and album, or why it is rejected."""
    first, _, third, fourth = opened(file, f"{TABLE},,,,\n").preview()
    assert [type(entry) for entry in first] == [Track, Artist, Album]
    assert [type(entry) for entry in third] == [Track, Artist]
    assert [entry.reason for entry in kind(fourth, Reject)] == ["The track's title is empty."]


def test_what_a_terminal_would_obey_is_not_said(file: Path) -> None:
    """Headers and reasons hold no control character and no half of one, so that they can be printed anywhere."""
    content = "title,plays,\x1b[2J,\udc80\nGrün,\x1b[2J,,\n".encode(errors="surrogateescape")
    source = opened(file, content, asked=Asked(encoding="utf-8", delimiter=","))
    reasons = [reject.reason for reject in kind(list(source.entries()), Reject)]
    assert len(reasons) == 1
    assert all(sentence.isprintable() for sentence in (*source.understood, *reasons))


def test_of_many_columns_the_first_are_named(file: Path) -> None:
    """A table of a thousand columns is described in a sentence, not in a page."""
    content = ",".join(["title", *(f"x{number}" for number in range(999))])
    assert "and 970 more." in opened(file, f"{content}\nA{',' * 999}\n").understood[0]
