"""What `--dry-run` shows: the first rows of a source, and what each would become."""

from collections.abc import Iterator, Sequence
from itertools import islice

from services.catalog.domain.items import Album, Artist, Item, Track, reference
from services.catalog.imports.source import Entry, Reject, Source

_MS_PER_S = 1_000


def preview(source: Source, rows: int) -> Iterator[str]:
    """Yield the lines to show."""
    shown = 0
    for entries in islice(source.preview(), rows):
        shown += 1
        yield ""
        yield from (_line(entry) for entry in entries)
    yield ""
    first = "the first row" if shown == 1 else f"the first {shown:,} rows"
    yield f"So much for {first}; nothing was imported." if shown else "There is no row; nothing was imported."


def _line(entry: Entry) -> str:
    match entry:
        case Reject():
            return f"rejected  line {entry.row}: {entry.reason}"
        case Artist() | Album() | Track():
            return f"{reference(entry).kind:<8}  {'; '.join(_facts(entry))}  ({entry.id})"


def _facts(item: Item) -> Iterator[str]:
    match item:
        case Artist():
            yield item.name
        case Album():
            yield _credited(item.title, item.credit)
            yield from _year(item.release_year)
        case Track():
            yield _credited(item.title, item.credit)
            yield from _year(item.release_year)
            yield from _rare_facts(item)
    if item.aliases:
        yield f"also {', '.join(item.aliases)}"
    if item.popularity:
        yield f"popularity {item.popularity:,}"


def _rare_facts(track: Track) -> Iterator[str]:
    if track.duration_ms:
        minutes, seconds = divmod(round(track.duration_ms / _MS_PER_S), 60)
        yield f"{minutes}:{seconds:02}"
    positions = [place.position for place in track.appearances if place.position]
    if positions:
        yield f"number {positions[0]}"
    if track.isrc:
        yield track.isrc
    if track.explicit:
        yield "explicit"
    if track.markets:
        yield f"only in {' '.join(track.markets)}"


def _credited(title: str, credit: str) -> str:
    return f"{title}, by {credit}" if credit else title


def _year(year: int) -> Sequence[str]:
    return [str(year)] if year else []
