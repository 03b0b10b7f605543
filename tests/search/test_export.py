"""The join of exported rows into documents."""

from services.search.domain.document import AlbumTitle, ArtistName, Document, Kind
from services.search.domain.export import AlbumRow, ArtistRow, Join, TrackRow

NIGHTBUS = ArtistRow("inv:a1", "Nightbus", ("Night Omnibus",), 900)
LANTERNS = AlbumRow("inv:r1", "Sixty Lanterns", ("Lanterns LX",), ("inv:a1",), "Nightbus & Co.", 2007, 800)
RIVER = TrackRow(
    id="inv:t1",
    title="River in Winter",
    aliases=("Winter River",),
    artist_ids=("inv:a2", "inv:a1"),
    credit="Lumière feat. Nightbus",
    album_id="inv:r1",
    duration_ms=200_000,
    release_year=2006,
    explicit=True,
    markets=("DE", "FR"),
    popularity=700,
)


def test_ids_become_names_and_titles() -> None:
    """Documents carry all that a hit shows, names in the order of their ids."""
    lumiere = ArtistRow("inv:a2", "Lumière")
    nightbus_name = ArtistName("inv:a1", "Nightbus", ("Night Omnibus",))
    artist, _, album, track = Join().documents([NIGHTBUS, lumiere, LANTERNS, RIVER])
    assert artist == Document(Kind.ARTIST, "inv:a1", "Nightbus", ("Night Omnibus",), popularity=900)
    assert album == Document(
        kind=Kind.ALBUM,
        id="inv:r1",
        title="Sixty Lanterns",
        aliases=("Lanterns LX",),
        artists=(nightbus_name,),
        credit="Nightbus & Co.",
        release_year=2007,
        popularity=800,
    )
    assert track == Document(
        kind=Kind.TRACK,
        id="inv:t1",
        title="River in Winter",
        aliases=("Winter River",),
        artists=(ArtistName("inv:a2", "Lumière"), nightbus_name),
        credit="Lumière feat. Nightbus",
        album=AlbumTitle("inv:r1", "Sixty Lanterns"),
        duration_ms=200_000,
        release_year=2006,
        explicit=True,
        markets=("DE", "FR"),
        popularity=700,
    )


def test_rows_may_come_in_portions() -> None:
    """What earlier portions named is known to later ones."""
    join = Join()
    list(join.documents([NIGHTBUS]))
    (album,) = join.documents([LANTERNS])
    assert [artist.name for artist in album.artists] == ["Nightbus"]


def test_an_id_that_names_nothing_is_left_out() -> None:
    """A catalogue with loose ends still gets its index."""
    (track,) = Join().documents([RIVER])
    assert (track.artists, track.album, track.credit) == ((), None, "Lumière feat. Nightbus")
