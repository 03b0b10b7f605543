"""Queries made by seed over a catalogue: what is asked for is drawn by popularity, as people do."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice
from random import Random
from typing import TypeAlias

from benchmarks.engines import Hit
from benchmarks.relevance.cases import Case, Cases
from benchmarks.relevance.entries import Entry, plain
from benchmarks.relevance.phrases import CLASSES, FURTHER_CLASSES, Make, Phrase

QUERIES = 500
"""How many a class has."""
SEED = 1
_FLATTENING = 0.8
"""The power of popularity that an item is drawn by: below 1, since what everybody hears is searched for less."""
_MOST_DRAWS = 400
"""For each query, before a catalogue is found not to have what the class asks for."""

_Likeness: TypeAlias = tuple[str, str]
_Drawn: TypeAlias = list[tuple[Entry, Phrase]]


def seeded(catalogue: Sequence[Entry], queries: int = QUERIES) -> Cases:
    """Return that many cases of each class, the same for the same catalogue.

    Whatever has the title and artist of what was drawn is accepted too. Raises LookupError where the catalogue has
    nothing for a class.
    """
    weights = list(accumulate(entry.popularity**_FLATTENING for entry in catalogue))
    drawn = {
        name: _drawn(name, make, catalogue, weights, queries) for name, make in (CLASSES | FURTHER_CLASSES).items()
    }
    alike = _alike(catalogue, {_likeness(entry) for pairs in drawn.values() for entry, _ in pairs})
    return {name: [_case(entry, phrase, alike) for entry, phrase in pairs] for name, pairs in drawn.items()}


def _drawn(name: str, make: Make, catalogue: Sequence[Entry], weights: Sequence[float], queries: int) -> _Drawn:
    chance = Random(f"{SEED} {name}")  # noqa: S311 - must repeat, not surprise
    entries = chance.choices(catalogue, cum_weights=weights, k=queries * _MOST_DRAWS)
    drawn = list(islice(_made(entries, make, chance), queries))
    if len(drawn) < queries:
        raise LookupError(f"The catalogue gives {len(drawn)} of {queries} queries of the class {name}.")
    return drawn


def _made(entries: Iterable[Entry], make: Make, chance: Random) -> Iterator[tuple[Entry, Phrase]]:
    for entry in entries:
        if phrase := make(entry, chance):
            yield entry, phrase


def _alike(catalogue: Iterable[Entry], wanted: set[_Likeness]) -> dict[_Likeness, list[Hit]]:
    alike: defaultdict[_Likeness, list[Hit]] = defaultdict(list)
    for entry in catalogue:
        if (likeness := _likeness(entry)) in wanted:
            alike[likeness].append(entry.hit)
    return alike


def _likeness(entry: Entry) -> _Likeness:
    return plain(entry.title), plain(entry.artist)


def _case(entry: Entry, phrase: Phrase, alike: dict[_Likeness, list[Hit]]) -> Case:
    return Case(phrase.typed, entry.label, frozenset(alike[_likeness(entry)]), phrase.clean)
