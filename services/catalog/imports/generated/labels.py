"""Labels: which language each sings in, who is on its roster, and how famous they are."""

from collections.abc import Sequence
from functools import cache, lru_cache

from services.catalog.domain.items import Artist, ArtistId
from services.catalog.imports.generated.chance import Chance
from services.catalog.imports.generated.languages import Language, languages

PREFIX = "demo"
ARTISTS, ALBUMS, TRACKS = 16, 24, 192
"""What a label has of each kind."""

_STRIDE = 2_654_435_761
"""A prime, so that its multiples visit every number below a smaller one, each once and far from the one before."""
_TOP_PLAYS = 3_000_000_000
_STAR_OCTAVES = 6


class Catalogue:
    """A whole catalogue: how many labels, and the seed that everything follows from."""

    __slots__ = ("_stars", "_unstride", "artists", "labels", "seed")

    def __init__(self, labels: int, seed: int) -> None:
        self.labels = labels
        self.seed = seed
        self.artists = labels * ARTISTS
        self._unstride = pow(_STRIDE, -1, self.artists)
        self._stars = max(ARTISTS, self.artists >> 10)

    def chance(self, subject: str, number: int) -> Chance:
        """Return the draws for the subject of that number."""
        return Chance(self.seed, int.from_bytes(subject.encode()), number)

    def rank(self, artist: int) -> int:
        """Return the artist's place by fame, counted from 0; each place is somebody's."""
        return (artist * _STRIDE + self.seed) % self.artists

    def star(self, chance: Chance) -> int:
        """Return a famous artist: each doubling of the rank is as likely as the one before it, as in Zipf's law."""
        octave = self._stars << chance.below(_STAR_OCTAVES)
        rank = octave + chance.below(octave) - self._stars
        return (rank - self.seed) * self._unstride % self.artists


def language(catalogue: Catalogue, label: int) -> Language:
    """Return the language of the label; of any hundred labels in a row, each language has its share."""
    by_share = _by_share()
    return by_share[(label * 37 + catalogue.seed) % len(by_share)]


def roster(catalogue: Catalogue, label: int) -> tuple[Artist, ...]:
    """Return the label's artists, most famous first."""
    first, artists = label * ARTISTS, _artists(catalogue, label)
    by_fame = sorted(range(ARTISTS), key=lambda place: catalogue.rank(first + place))
    return tuple(artists[place] for place in by_fame)


def star(catalogue: Catalogue, chance: Chance) -> Artist:
    """Return a famous artist of any label."""
    label, place = divmod(catalogue.star(chance), ARTISTS)
    return _artists(catalogue, label)[place]


@lru_cache(maxsize=1_024)
def _artists(catalogue: Catalogue, label: int) -> Sequence[Artist]:
    """Return the label's artists by number. Kept for a while, since stars are asked for again and again."""
    chance = catalogue.chance("artists", label)
    sings = language(catalogue, label)
    return [_artist(catalogue, label * ARTISTS + place, sings, chance) for place in range(ARTISTS)]


@cache
def _by_share() -> tuple[Language, ...]:
    return tuple(one for one in languages() for _ in range(one.share))


def _artist(catalogue: Catalogue, number: int, sings: Language, chance: Chance) -> Artist:
    plays = _TOP_PLAYS // (catalogue.rank(number) + 1)
    name, aliases = _names(sings, chance)
    return Artist(ArtistId(f"{PREFIX}:{number}"), name, aliases, plays + chance.below(plays // 8 + 1))


def _names(sings: Language, chance: Chance) -> tuple[str, tuple[str, ...]]:
    """Return a name, and what else the artist is known as: a name in other letters often has one in Latin ones."""
    if sings.latin and chance.percent(70):
        return _in_both_scripts(sings, chance)
    name = chance.text(chance.pick(sings.artists))
    if name.startswith("The "):
        return name, (name.removeprefix("The "),)
    return name, ((chance.text(sings.syllables),) if chance.percent(6) else ())


def _in_both_scripts(sings: Language, chance: Chance) -> tuple[str, tuple[str, ...]]:
    places = [chance.below(len(part)) for part in sings.syllables]
    own, latin = (
        "".join([part[place] for part, place in zip(template, places, strict=True)])
        for template in (sings.syllables, sings.latin)
    )
    return own, (latin,)
