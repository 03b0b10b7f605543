"""A generated catalogue as a source of items."""

from collections.abc import Iterator
from functools import partial
from itertools import islice

from services.catalog.domain.items import Item
from services.catalog.imports.generated.albums import discography
from services.catalog.imports.generated.labels import ALBUMS, ARTISTS, TRACKS, Catalogue
from services.catalog.imports.generated.tracks import tracks
from services.catalog.imports.source import Source
from services.kit.errors import Invalid

MAX_TRACKS = 100_000_000
MAX_SEED = 2**32 - 1
POPULARITY = (
    "Popularity is invented plays after Zipf's law: the artist at place n by fame has about one n-th of the first's, "
    "and most of an artist's plays fall on a few tracks."
)


def generated(track_count: int, seed: int) -> Source:
    """Return a catalogue of that many tracks, a twelfth as many artists and an eighth as many albums.

    The same numbers give the same items everywhere. Raises Invalid for numbers out of range.
    """
    if not 1 <= track_count <= MAX_TRACKS:
        raise Invalid(f"A catalogue is generated with 1 to {MAX_TRACKS} tracks.", field="tracks")
    if not 0 <= seed <= MAX_SEED:
        raise Invalid(f"A seed is between 0 and {MAX_SEED}.", field="seed")
    labels = -(-track_count // TRACKS)
    items = labels * (ARTISTS + ALBUMS) + track_count
    return Source(POPULARITY, size=items, entries=partial(_items, Catalogue(labels, seed), track_count))


def _items(catalogue: Catalogue, track_count: int) -> Iterator[Item]:
    for label in range(catalogue.labels):
        records = discography(catalogue, label)
        yield from records.roster
        yield from (release.album for release in records.releases)
        yield from islice(tracks(catalogue, records), track_count - label * TRACKS)
