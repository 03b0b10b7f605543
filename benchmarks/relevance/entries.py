"""A catalogue as those see it who make queries and judge answers."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.engines import Hit
from services.catalog.domain.items import Album, Artist, Item, Track
from services.search.domain.document import Kind


@dataclass(frozen=True, slots=True)
class Entry:
    """What can be found, and the names by which a person would look for it."""

    hit: Hit
    title: str
    """A track's or album's title, an artist's name."""
    aliases: tuple[str, ...]
    artists: tuple[str, ...]
    """Names, the most prominent first; empty for an artist, and where nobody is named."""
    credit: str
    popularity: int

    @property
    def artist(self) -> str:
        """Return whom a person would name with it; empty for an artist."""
        return self.artists[0] if self.artists else self.credit

    @property
    def label(self) -> str:
        """Return what it is, for people to read."""
        by = f" ~ {self.artist}" if self.artist else ""
        return f"{self.hit.kind.name.lower()} {self.title}{by}"

    @property
    def names(self) -> tuple[str, ...]:
        """Return everything that its words are written in."""
        return (self.title, *self.aliases, *self.artists, self.credit)


def entries(items: Iterable[Item]) -> Iterator[Entry]:
    """Yield an entry for each item; artists come first."""
    names: dict[str, str] = {}
    for item in items:
        match item:
            case Artist():
                names[item.id] = item.name
                yield Entry(Hit(Kind.ARTIST, item.id), item.name, item.aliases, (), "", item.popularity)
            case Album() | Track():
                hit = Hit(Kind.ALBUM if isinstance(item, Album) else Kind.TRACK, item.id)
                artists = tuple(names[one] for one in item.artist_ids if one in names)
                yield Entry(hit, item.title, item.aliases, artists, item.credit, item.popularity)


def plain(text: str) -> str:
    """Return only the letters and digits, in small letters: names that are the same in these are the same name."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
