"""The songs of a label: titles, some of them other labels'."""

from collections.abc import Sequence
from functools import lru_cache

from services.catalog.imports.generated.labels import Catalogue, language
from services.catalog.imports.generated.languages import languages
from services.catalog.imports.generated.programme import FEWEST_SONGS

_COVERED_LABELS = 48
"""Labels whose songs others cover: few, so that their songs are known by many artists."""


def songs(catalogue: Catalogue, label: int, count: int) -> Sequence[str]:
    """Return the titles of that many songs, one in forty of them a cover."""
    titles = _written(catalogue, label, count)
    chance = catalogue.chance("covers", label)
    for _ in range(count // 40):
        titles[chance.below(count)] = chance.pick(_covered(catalogue, chance.below(_COVERED_LABELS)))
    return titles


def _written(catalogue: Catalogue, label: int, count: int) -> list[str]:
    """Return titles in the label's language, one in eight in English, and a few that are just a number."""
    chance = catalogue.chance("songs", label)
    titles = [language(catalogue, label).titles] * 7 + [languages()[0].titles]
    return [
        str(1 + chance.early(3_000)) if chance.percent(1.5) else chance.text(chance.pick(chance.pick(titles)))
        for _ in range(count)
    ]


@lru_cache(maxsize=_COVERED_LABELS)
def _covered(catalogue: Catalogue, number: int) -> Sequence[str]:
    return _written(catalogue, number * catalogue.labels // _COVERED_LABELS, FEWEST_SONGS)
