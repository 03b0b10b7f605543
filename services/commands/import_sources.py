"""What can be imported: each source's name, its arguments, and how it is opened."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.catalog.imports.delimited.detection import Asked
from services.catalog.imports.delimited.naming import Naming
from services.catalog.imports.delimited.source import FIELDS, Reading, open_delimited
from services.catalog.imports.generated.source import generated
from services.catalog.imports.music_routes import open_music_routes
from services.catalog.imports.musicbrainz import open_musicbrainz_canonical
from services.catalog.imports.source import Source

PREVIEWED_ROWS = 5

_CSV = f"""Reads any table with a row for each track: separated by commas, semicolons, tabs or bars, in any
encoding, with a header or without. All of that is found out and said.

  backline import csv songs.csv --dry-run
  backline import csv songs.csv --map title=Liedtitel --map artist='Künstler (Band)' --map popularity=Abrufe

Columns with usual headers ("Track Name", "artist(s)", "release_date" …) are found by themselves; --map names the
others, by header or by number, and --map FIELD= leaves one out. Only the title is required.

fields: {", ".join(FIELDS[:9])},
        {", ".join(FIELDS[9:])}

duration is 3:45, 1:02:03 or a bare number, seconds below 10,000 and milliseconds from there on; year may be any date.
Artists and albums become items of their own, known by their names whatever the case. Without a column for the id, a
track is known by its title, artist and album: a second row with the same ones is rejected, and so is one with an id
that was there. Without a column for popularity, an artist's is the number of tracks the artist is credited on.
Rows are named by the line they begin on.
"""
_MUSICBRAINZ = """Reads canonical_musicbrainz_data.csv as MusicBrainz publishes it, extracted from its archive, plain or
compressed by Zstandard. It is read twice, in bounded memory, however long it is.

  backline import musicbrainz-canonical canonical_musicbrainz_data.csv.zst --replace

A recording becomes a track, its canonical release an album. A row has one text for all its artists, so an artist's name
is told by the rows that credit nobody else (the most used name, the others as aliases); an artist without such a row
stays in the credits and becomes no item. The file has no plays, and its score is none: an artist's popularity is the
number of recordings the artist is credited on.
"""


@dataclass(frozen=True, slots=True)
class ImportSource:
    """A source of items on the command line."""

    name: str
    help: str
    describe: Callable[[argparse.ArgumentParser], None]
    """Adds its arguments."""
    open: Callable[[argparse.Namespace], Source]
    """Opens it with the arguments. Raises Invalid where it is not what it claims to be."""
    description: str | None = None


def count(text: str) -> int:
    """Return a whole number from 1, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("expected a whole number from 1")
    return int(text)


def _describe_generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tracks", type=count, default=100_000, metavar="N", help="how many (default: 100000)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="which catalogue (default: 1)")
    parser.add_argument("--if-empty", action="store_true", help="do nothing if there is a whole catalogue already")


def _describe_music_routes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="holds artists.json, tracks.json, releases.json, …")


def _describe_csv(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the table, plain or compressed by Zstandard")
    parser.add_argument(
        "--map", type=_mapped, action="append", default=[], metavar="FIELD=COLUMN", help="which column holds a field"
    )
    parser.add_argument("--delimiter", type=_delimiter, metavar="CHAR", help="what separates cells (tab for a tab)")
    parser.add_argument("--encoding", metavar="NAME", help="such as utf-8 or cp1252")
    parser.add_argument(
        "--header", action=argparse.BooleanOptionalAction, default=None, help="whether the first line names the columns"
    )
    parser.add_argument(
        "--multiple", default="", metavar="TEXT", help="what separates several artists in a cell, such as ';'"
    )
    parser.add_argument("--source", default="csv", metavar="NAME", help="what ids begin with (default: csv)")
    _describe_dry_run(parser)


def _describe_musicbrainz(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the .csv or .csv.zst")
    _describe_dry_run(parser)


def _describe_dry_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run",
        type=count,
        nargs="?",
        const=PREVIEWED_ROWS,
        metavar="N",
        help=f"show what the first rows would become (default: {PREVIEWED_ROWS}) and import nothing",
    )


def _mapped(text: str) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not equals or field not in FIELDS:
        raise argparse.ArgumentTypeError(f"expected FIELD=COLUMN with one of the fields {', '.join(FIELDS)}")
    return field, column


def _delimiter(text: str) -> str:
    delimiter = {"tab": "\t", r"\t": "\t"}.get(text, text)
    if len(delimiter) != 1 or delimiter in '"\r\n ':
        raise argparse.ArgumentTypeError("expected one character that is no quote and no blank")
    return delimiter


def _open_csv(arguments: argparse.Namespace) -> Source:
    asked = Asked(arguments.encoding, arguments.delimiter, arguments.header)
    naming = Naming(arguments.source, arguments.multiple)
    return open_delimited(arguments.file, Reading(dict(arguments.map), asked, naming))


SOURCES: Sequence[ImportSource] = (
    ImportSource(
        "generate",
        "make a realistic catalogue; the same seed makes the same one",
        _describe_generate,
        lambda arguments: generated(arguments.tracks, arguments.seed),
    ),
    ImportSource("csv", "read any table with a row for each track", _describe_csv, _open_csv, _CSV),
    ImportSource(
        "musicbrainz-canonical",
        "read MusicBrainz' canonical data",
        _describe_musicbrainz,
        lambda arguments: open_musicbrainz_canonical(arguments.file),
        _MUSICBRAINZ,
    ),
    ImportSource(
        "music-routes",
        "read a folder in the format of the Music Routes data",
        _describe_music_routes,
        lambda arguments: open_music_routes(arguments.folder),
    ),
)
