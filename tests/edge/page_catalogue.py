"""The small invented catalogue that the page is tested with: something to find for each thing that the page can do."""

from services.catalog.domain.items import (
    Album,
    AlbumId,
    Appearance,
    Artist,
    ArtistId,
    Item,
    Track,
    TrackId,
)

ARTISTS = (
    Artist(ArtistId("demo:a1"), "Étoile Lumière", ("The Evening Star",), 4_200),
    Artist(ArtistId("demo:a2"), "Nightbus", (), 900),
    Artist(ArtistId("demo:a3"), "<b>Bold</b> & Sons", (), 7),
)
ALBUMS = (
    Album(AlbumId("demo:r1"), "Moons of Paper", (), (ARTISTS[0].id,), "Étoile Lumière", 1998, 3_000),
    Album(AlbumId("demo:r2"), "Sixty Lanterns", (), (ARTISTS[1].id,), "Nightbus", 2007, 800),
)
PAPER_MOONS = Track(
    TrackId("demo:t1"),
    "Paper Moons",
    (),
    (ARTISTS[0].id, ARTISTS[1].id),
    "Étoile Lumière feat. Nightbus",
    (Appearance(ALBUMS[0].id, 2),),
    "ZZXX19800001",
    213_000,
    1998,
    markets=("NO", "SE"),
    popularity=5_000,
)
PAPER_BOATS = Track(
    TrackId("demo:t2"),
    "Paper Boats",
    (),
    (ARTISTS[0].id,),
    "Étoile Lumière",
    (Appearance(ALBUMS[0].id, 1),),
    "",
    181_000,
    1998,
    explicit=True,
    popularity=4_000,
)
MARKUP = Track(TrackId("demo:t3"), "<img src=x onerror=alert(1)>", (), (ARTISTS[2].id,), ARTISTS[2].name, popularity=3)
LANTERNS = tuple(
    Track(
        TrackId(f"demo:l{place}"),
        f"Lantern {place}",
        (),
        (ARTISTS[1].id,),
        "Nightbus",
        (Appearance(ALBUMS[1].id, place),),
        "",
        120_000,
        2007,
        popularity=600 - place,
    )
    for place in range(1, 61)
)
ITEMS: tuple[Item, ...] = (*ARTISTS, *ALBUMS, PAPER_MOONS, PAPER_BOATS, MARKUP, *LANTERNS)
