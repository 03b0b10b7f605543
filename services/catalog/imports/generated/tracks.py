"""A label's tracks: recordings of its songs, on its albums and on samplers."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.catalog.domain.items import Appearance, Artist, Track, TrackId
from services.catalog.imports.generated.albums import Discography, Release, album_id
from services.catalog.imports.generated.chance import Chance
from services.catalog.imports.generated.labels import ALBUMS, PREFIX, TRACKS, Catalogue, language, star
from services.catalog.imports.generated.languages import languages
from services.catalog.imports.generated.programme import PROGRAMME, Form

_SECOND_VERSIONS = (" (Acoustic)", " (Radio Edit)", " (Instrumental)", " - Demo")
_SAMPLER, _BEST = ([line.form for line in PROGRAMME].index(form) for form in (Form.SAMPLER, Form.BEST))
_SAMPLED_ALBUMS, _SAMPLED_POSITION = 11, 2
"""Albums that give a track to the label's sampler, and which."""
_BEST_ALBUMS, _BEST_TRACKS = 3, 4
"""Albums that give tracks to the best-of, and how many each."""
_HIT_SAMPLERS = 3
"""Samplers of the labels after a label that have its very first track."""
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Studio:
    """What all recordings of a label share."""

    catalogue: Catalogue
    records: Discography
    chance: Chance
    markets: tuple[str, ...]
    registrant: str
    """The label's part of an ISRC, in the territory ZZ, which is nobody's."""


def tracks(catalogue: Catalogue, records: Discography) -> Iterator[Track]:
    """Yield the label's tracks in the order of their numbers."""
    studio = Studio(
        catalogue,
        records,
        chance=catalogue.chance("tracks", records.label),
        markets=language(catalogue, records.label).markets,
        registrant="ZZ" + "".join(_ALPHABET[records.label // power % 36] for power in (1_296, 36, 1)),
    )
    for place, release in enumerate(records.releases):
        for position in range(1, release.slot.tracks + 1):
            yield _track(studio, release, place, position)


def _track(studio: Studio, release: Release, place: int, position: int) -> Track:
    chance, album, form = studio.chance, release.album, release.slot.line.form
    number = release.slot.first_track + position - 1
    song = release.slot.first_song + (0 if form is Form.LEAD else position - 1)
    guest = _guest(studio, release)
    featured = f" feat. {guest.name}" if guest and form is not Form.REMIXES else ""
    version = _version(release, position, guest, chance)
    return Track(
        id=TrackId(f"{PREFIX}:{studio.records.label * TRACKS + number}"),
        title=studio.records.songs[song] + (version or _in_brackets(featured, chance)),
        aliases=(chance.text(chance.pick(languages()[0].titles)),) if chance.percent(3) else (),
        artist_ids=(*album.artist_ids, guest.id) if guest else album.artist_ids,
        credit=album.credit + featured,
        appearances=_appearances(studio, place, position),
        isrc=_isrc(studio, release.recorded, TRACKS + number if version else song),
        duration_ms=120_000 + chance.below(160_000),
        release_year=release.recorded,
        explicit=chance.percent(8),
        markets=studio.markets[: 1 + chance.below(len(studio.markets))] if chance.percent(7) else (),
        popularity=_plays(release.owner, chance) // (8 if version else 1),
    )


def _guest(studio: Studio, release: Release) -> Artist | None:
    """Return who features on the track or remixes it: a label mate or a star; mostly nobody."""
    chance = studio.chance
    if not chance.percent(100 if release.slot.line.form is Form.REMIXES else 13):
        return None
    guest = star(studio.catalogue, chance) if chance.percent(40) else chance.pick(studio.records.roster)
    return None if guest.id in release.album.artist_ids else guest


def _in_brackets(featured: str, chance: Chance) -> str:
    return f" ({featured.lstrip()})" if featured and chance.percent(50) else ""


def _version(release: Release, position: int, guest: Artist | None, chance: Chance) -> str:
    """Return what the title says of the recording; nothing for a song's first one."""
    match release.slot.line.form:
        case Form.LEAD if position > 1:
            return chance.pick(_SECOND_VERSIONS)
        case Form.LIVE:
            return f" - {release.album.title}"
        case Form.REISSUE:
            return f" - Remastered {release.album.release_year}"
        case Form.REMIXES:
            return f" ({guest.name} Remix)" if guest else " (Club Mix)"
    return ""


def _plays(artist: Artist, chance: Chance) -> int:
    """Return a share of the artist's plays: a few tracks have most of them."""
    return artist.popularity // (2 + chance.early(160)) * (900 + chance.below(100)) // 1_000


def _appearances(studio: Studio, place: int, position: int) -> tuple[Appearance, ...]:
    """Return the track's place on its album, then those on samplers and the best-of."""
    label = studio.records.label
    own = Appearance(album_id(label * ALBUMS + place), position)
    if position > _BEST_TRACKS or place >= _SAMPLED_ALBUMS:
        return (own,)
    at = [own]
    if position == _SAMPLED_POSITION:
        at.append(Appearance(album_id(label * ALBUMS + _SAMPLER), place + 1))
    if place < _BEST_ALBUMS:
        at.append(Appearance(album_id(label * ALBUMS + _BEST), place * _BEST_TRACKS + position))
    if position == 1 and place == 0:
        later = range(label + 1, min(label + 1 + _HIT_SAMPLERS, studio.catalogue.labels))
        at += (Appearance(album_id(one * ALBUMS + _SAMPLER), _SAMPLED_ALBUMS + one - label) for one in later)
    return tuple(at)


def _isrc(studio: Studio, year: int, designation: int) -> str:
    """Return the recording's code, the same wherever the recording appears; one in thirteen has none."""
    return f"{studio.registrant}{year % 100:02}{designation:05}" if designation % 13 else ""
