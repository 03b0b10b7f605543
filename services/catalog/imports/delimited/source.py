"""Opens a delimited file as a source of items."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from services.catalog.imports.delimited.columns import USUAL_HEADERS, columns, listed
from services.catalog.imports.delimited.detection import Asked, Format, detect
from services.catalog.imports.delimited.naming import Naming
from services.catalog.imports.delimited.rows import RowReader
from services.catalog.imports.records import Broken, Record, records
from services.catalog.imports.source import Source
from services.catalog.imports.stream import Meter, chunks, size_bytes, text
from services.catalog.imports.table import Table
from services.kit.errors import Invalid

FIELDS = tuple(USUAL_HEADERS)
"""What a column can be mapped to."""

_SOURCE = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a person wants a file to be read."""

    mapped: Mapping[str, str] = field(default_factory=dict)
    """A field's column, by its header or its number from 1; empty for none."""
    asked: Asked = field(default_factory=Asked)
    naming: Naming = field(default_factory=Naming)


def open_delimited(path: Path, reading: Reading) -> Source:
    """Return the file as a source. Raises Invalid, with one sentence, where it is not such a table."""
    size = size_bytes(path)
    if not _SOURCE.fullmatch(reading.naming.source):
        raise Invalid("A source is named in up to 32 small letters, digits and hyphens.", field="source")
    unknown = next((field for field in reading.mapped if field not in FIELDS), None)
    if unknown:
        raise Invalid(f"A track has no {unknown}; it has: {', '.join(FIELDS)}.", field="map")
    format_ = detect(path, reading.asked, reading.mapped)
    places = columns(format_.headers, reading.mapped, format_.examples)
    meter = Meter()
    reader = RowReader(path.name, format_, places, reading.naming)
    return Table(
        path.name,
        size,
        meter,
        records=partial(_records, path, meter, format_),
        row=reader.row,
        credits=reader.credits,
        popularity=_popularity(format_, places),
        understood=tuple(_understood(format_, places)),
    ).source()


def _records(path: Path, meter: Meter, format_: Format) -> Iterator[Record | Broken]:
    """Yield the rows behind the header."""
    read = records(text(chunks(path, meter), format_.encoding), format_.delimiter)
    leading = format_.leading
    while leading and (record := next(read, None)):
        if isinstance(record, Broken):
            yield record
        else:
            leading -= 1
    yield from read


def _popularity(format_: Format, places: Mapping[str, int]) -> str:
    if "popularity" not in places:
        return ""
    header = format_.headers[places["popularity"]]
    return f"Popularity is what column {header} says; an artist's or album's is the greatest among its tracks."


def _understood(format_: Format, places: Mapping[str, int]) -> Iterator[str]:
    yield str(format_)
    yield f"Used: {', '.join(f'{name} from {format_.headers[place]}' for name, place in places.items())}."
    unused = [header for place, header in enumerate(format_.headers) if place not in places.values()]
    if unused:
        yield f"Not used: {listed(unused)}. Say --map FIELD=COLUMN for more."
