"""Queries made by hand over the music-routes catalogue: what people type, and what they mean by it.

What is meant is named as the catalogue names it, such as `track Come Together ~ The Beatles`, and looked up by plain
equality. A track's artist may be any that it is credited to; without one, any track of that title is meant.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from benchmarks.engines import Hit
from benchmarks.relevance.cases import Case, Cases
from benchmarks.relevance.entries import Entry, plain

SETS = ("frozen", "open")
"""The frozen third was written before the ranker was touched: it is only ever reported."""
FOLDER = Path(__file__).parent / "hand"

_ByName: TypeAlias = Mapping[tuple[str, str], Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class Line:
    """One case as it is written."""

    group: str
    typed: str
    meant: str

    def meanings(self) -> Iterator[tuple[str, str, str]]:
        """Yield the kind, name and artist of all that may be meant; the artist is empty where anybody will do."""
        for meaning in self.meant.split("; "):
            kind, _, named = meaning.partition(" ")
            name, _, artist = named.partition(" ~ ")
            yield kind, name, artist


def lines(name: str) -> list[Line]:
    """Return the lines of that set."""
    text = (FOLDER / f"{name}.tsv").read_text("utf-8")
    return [Line(*line.split("\t")) for line in text.splitlines() if not line.startswith("#")]


def hand_made(lines: Iterable[Line], catalogue: Iterable[Entry]) -> Cases:
    """Return the cases by class. Raises LookupError where one means nothing that the catalogue has."""
    by_name, cases = _by_name(catalogue), Cases()
    for line in lines:
        accepted = frozenset(hit for meaning in line.meanings() for hit in _named(by_name, *meaning))
        cases.setdefault(line.group, []).append(Case(line.typed, line.meant, accepted))
    return cases


def _by_name(catalogue: Iterable[Entry]) -> _ByName:
    by_name: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in catalogue:
        for name in {plain(name) for name in (entry.title, *entry.aliases)}:
            by_name[entry.hit.kind.name.lower(), name].append(entry)
    return by_name


def _named(by_name: _ByName, kind: str, name: str, artist: str) -> Sequence[Hit]:
    called = by_name.get((kind, plain(name)), ())
    found = [entry.hit for entry in called if not artist or plain(artist) in map(plain, entry.artists)]
    if not found:
        raise LookupError(f"The catalogue has no {kind} {name!r}{artist and f' by {artist!r}'}.")
    return found
