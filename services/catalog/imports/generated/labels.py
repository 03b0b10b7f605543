"""Labels: which language each sings in, who is on its roster, and how famous they are."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A whole catalogue: how many labels, and the seed that everything follows from."""

    labels: int
    seed: int

    @property
    def artists(self) -> int:
        """How many artists there are."""
        return self.labels * ARTISTS

    def chance(self, subject: str, number: int) -> Chance:
        """Return the draws for the subject of that number."""
        return Chance(self.seed, int.from_bytes(subject.encode()), number)

    def rank(self, artist: int) -> int:
        """Return the artist's place by fame, counted from 0; each place is somebody's."""
        return (artist * _STRIDE + self.seed) % self.artists

    def ranked(self, rank: int) -> int:
        """Return the artist at the place."""
        return (rank - self.seed) * pow(_STRIDE, -1, self.artists) % self.artists


def language(catalogue: Catalogue, label: int) -> Language:
    """Return the language of the label; of any hundred labels in a row, each language has its share."""
    by_share = _by_share()
    return by_share[(label * 37 + catalogue.seed) % len(by_share)]


@lru_cache(maxsize=1_024)
def roster(catalogue: Catalogue, label: int) -> tuple[Artist, ...]:
    """Return the label's artists, most famous first."""
    chance = catalogue.chance("roster", label)
    first = label * ARTISTS
    by_rank = sorted(range(first, first + ARTISTS), key=catalogue.rank)
    return tuple(_artist(catalogue, number, language(catalogue, label), chance) for number in by_rank)


def star(catalogue: Catalogue, chance: Chance) -> Artist:
    """Return a famous artist of any label: each doubling of the rank is as likely as the one before it."""
    first = max(ARTISTS, catalogue.artists >> 10)
    octave = first << chance.below(_STAR_OCTAVES)
    number = catalogue.ranked((octave + chance.below(octave) - first) % catalogue.artists)
    artists = roster(catalogue, number // ARTISTS)
    return next(artist for artist in artists if artist.id == artist_id(number))


def artist_id(number: int) -> ArtistId:
    """Return the id of the artist of that number."""
    return ArtistId(f"{PREFIX}:{number}")


@cache
def _by_share() -> tuple[Language, ...]:
    return tuple(one for one in languages() for _ in range(one.share))


def _artist(catalogue: Catalogue, number: int, sings: Language, chance: Chance) -> Artist:
    plays = _TOP_PLAYS // (catalogue.rank(number) + 2)
    name, aliases = _names(sings, chance)
    return Artist(artist_id(number), name, aliases, plays + chance.below(plays // 8 + 1))


def _names(sings: Language, chance: Chance) -> tuple[str, tuple[str, ...]]:
    if sings.latin and chance.percent(70):
        places = [chance.below(len(part)) for part in sings.syllables]
        own, latin = (
            "".join(part[place] for part, place in zip(template, places, strict=True))
            for template in (sings.syllables, sings.latin)
        )
        return own, (latin,)
    name = chance.text(chance.pick(sings.artists))
    if name.startswith("The "):
        return name, (name.removeprefix("The "),)
    if chance.percent(6):
        return name, (chance.text(sings.syllables),)
    return name, ()
