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
class Session:
    """What all recordings of a release share."""

    catalogue: Catalogue
    records: Discography
    place: int
    """The release's place in the programme."""
    release: Release
    remixed: bool
    """Whether guests made the recordings, rather than feature on them."""
    markets: tuple[str, ...]
    registrant: str
    """The label's part of an ISRC, in the territory ZZ, which is nobody's."""
    chance: Chance


def tracks(catalogue: Catalogue, records: Discography) -> Iterator[Track]:
    """Yield the label's tracks in the order of their numbers."""
    markets = language(catalogue, records.label).markets
    registrant = "ZZ" + "".join(_ALPHABET[records.label // power % 36] for power in (1_296, 36, 1))
    chance = catalogue.chance("tracks", records.label)
    for place, release in enumerate(records.releases):
        remixed = release.slot.line.form is Form.REMIXES
        session = Session(catalogue, records, place, release, remixed, markets, registrant, chance)
        for position in range(1, release.slot.tracks + 1):
            yield _track(session, position)


def _track(session: Session, position: int) -> Track:
    chance, release, album = session.chance, session.release, session.release.album
    number, song = release.slot.first_track + position - 1, release.slot.song(position)
    guest = _guest(session)
    version = _version(release, position, guest, chance) if release.slot.line.of is not None else ""
    featured = f" feat. {guest.name}" if guest and not session.remixed else ""
    return Track(
        id=TrackId(f"{PREFIX}:{session.records.label * TRACKS + number}"),
        title=session.records.songs[song] + (version or _in_brackets(featured, chance)),
        aliases=(chance.text(chance.pick(languages()[0].titles)),) if chance.percent(3) else (),
        artist_ids=(*album.artist_ids, guest.id) if guest else album.artist_ids,
        credit=album.credit + featured,
        appearances=_appearances(session, position),
        isrc=_isrc(session, TRACKS + number if version else song),
        duration_ms=120_000 + chance.below(160_000),
        release_year=release.recorded,
        explicit=chance.percent(8),
        markets=session.markets[: 1 + chance.below(len(session.markets))] if chance.percent(7) else (),
        popularity=_plays(release.owner, chance) // (8 if version else 1),
    )


def _guest(session: Session) -> Artist | None:
    """Return who features on the track or remixes it: a label mate or a star; mostly nobody."""
    chance = session.chance
    if not chance.percent(100 if session.remixed else 13):
        return None
    guest = star(session.catalogue, chance) if chance.percent(40) else chance.pick(session.records.roster)
    return None if guest.id in session.release.album.artist_ids else guest


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


def _appearances(session: Session, position: int) -> tuple[Appearance, ...]:
    """Return the track's place on its album, then those on samplers and the best-of."""
    place, first = session.place, session.records.label * ALBUMS
    at = [Appearance(album_id(first + place), position)]
    if position <= _BEST_TRACKS and place < _SAMPLED_ALBUMS:
        at += [Appearance(album_id(album), there) for album, there in _compilations(session, position)]
    return tuple(at)


def _compilations(session: Session, position: int) -> Iterator[tuple[int, int]]:
    """Yield the number of each compilation that the track is on, and its position there."""
    place, label = session.place, session.records.label
    if position == _SAMPLED_POSITION:
        yield label * ALBUMS + _SAMPLER, place + 1
    if place < _BEST_ALBUMS:
        yield label * ALBUMS + _BEST, place * _BEST_TRACKS + position
    if (place, position) == (0, 1):
        for later in range(label + 1, min(label + 1 + _HIT_SAMPLERS, session.catalogue.labels)):
            yield later * ALBUMS + _SAMPLER, _SAMPLED_ALBUMS + later - label


def _isrc(session: Session, designation: int) -> str:
    """Return the recording's code, the same wherever the recording appears; one in thirteen has none."""
    year = session.release.recorded % 100
    return f"{session.registrant}{year:02}{designation:05}" if designation % 13 else ""
