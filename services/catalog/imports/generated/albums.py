"""What a label has released."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.catalog.domain.items import Album, AlbumId, Artist
from services.catalog.imports.generated.chance import Chance
from services.catalog.imports.generated.labels import ALBUMS, PREFIX, Catalogue, roster
from services.catalog.imports.generated.programme import Form, Slot, layout
from services.catalog.imports.generated.songs import songs

VARIOUS_ARTISTS = "Various Artists"

_LATEST_YEAR = 2025
_TITLES: Mapping[Form, Sequence[str]] = {
    Form.LONG: ("{song}",) * 11 + ("{artist}",),
    Form.SHORT: ("{song} EP", "{song}"),
    Form.SINGLE: ("{song}",),
    Form.LEAD: ("{song}",),
    Form.LIVE: ("Live at the Lantern Hall", "Live at Harbour Stage", "Live at the Old Mill", "Live at Pier Four"),
    Form.REISSUE: ("{of} (Deluxe Edition)", "{of} (Remastered)", "{of} (20th Anniversary Edition)"),
    Form.REMIXES: ("{of} (Remixes)",),
    Form.SAMPLER: ("{song}, Vol. {volume}",),
    Form.BEST: ("The Best of {artist}", "{artist}: The Collection"),
}


@dataclass(frozen=True, slots=True)
class Release:
    """An album with what its tracks are made from."""

    slot: Slot
    album: Album
    owner: Artist
    recorded: int
    """The year of its recordings: for a reissue, that of the first issue."""


@dataclass(frozen=True, slots=True)
class Discography:
    """Everything that a label has released."""

    label: int
    roster: Sequence[Artist]
    songs: Sequence[str]
    """Titles; each song is recorded once or more."""
    releases: Sequence[Release]


def discography(catalogue: Catalogue, label: int) -> Discography:
    """Return what the label has released."""
    chance = catalogue.chance("albums", label)
    slots, song_count = layout(chance, label)
    records = Discography(label, roster(catalogue, label), songs(catalogue, label, song_count), releases := [])
    for slot in slots:
        releases.append(_release(records, slot, chance))  # noqa: PERF401 - each may take up one before it
    return records


def album_id(number: int) -> AlbumId:
    """Return the id of the album of that number."""
    return AlbumId(f"{PREFIX}:{number}")


def _release(records: Discography, slot: Slot, chance: Chance) -> Release:
    owner = records.roster[slot.line.owner]
    of = records.releases[slot.line.of] if slot.line.of is not None else None
    by = _credited(records, slot, chance)
    first_year = of.recorded if of else _LATEST_YEAR - chance.early(60)
    years_later = chance.below(20) if of and slot.line.form is not Form.LEAD else 0
    year = min(first_year + years_later, _LATEST_YEAR)
    album = Album(
        id=album_id(records.label * ALBUMS + len(records.releases)),
        title=_title(records, slot, of, chance),
        artist_ids=tuple([artist.id for artist in by]),
        credit=" & ".join([artist.name for artist in by]) or VARIOUS_ARTISTS,
        release_year=year,
        popularity=owner.popularity // (2 + chance.early(60)),
    )
    return Release(slot, album, owner, first_year if slot.line.form is Form.REISSUE else year)


def _credited(records: Discography, slot: Slot, chance: Chance) -> Sequence[Artist]:
    if slot.line.form is Form.SAMPLER:
        return ()
    others = 1 if chance.percent(5) else 0
    return records.roster[slot.line.owner : slot.line.owner + 1 + others]


def _title(records: Discography, slot: Slot, of: Release | None, chance: Chance) -> str:
    return chance.pick(_TITLES[slot.line.form]).format(
        song=records.songs[slot.first_song + (0 if of else chance.below(slot.tracks))],
        artist=records.roster[slot.line.owner].name,
        of=of.album.title if of else "",
        volume=1 + chance.early(20),
    )
