"""Small invented items."""

from collections.abc import Sequence

from services.catalog.domain.items import Album, AlbumId, Appearance, Artist, ArtistId, Track, TrackId


def artist(number: int, name: str = "Someone", popularity: int = 0) -> Artist:
    """Return an artist."""
    return Artist(ArtistId(f"test:{number}"), name, popularity=popularity)


def album(number: int, popularity: int = 0) -> Album:
    """Return an album."""
    return Album(AlbumId(f"test:{number}"), f"Album {number}", popularity=popularity)


def track(number: int, *albums: tuple[int, int], artists: Sequence[int] = (), popularity: int = 0) -> Track:
    """Return a track with its albums, each with the position on it, and its artists."""
    return Track(
        TrackId(f"test:{number}"),
        f"Track {number}",
        artist_ids=tuple(ArtistId(f"test:{artist}") for artist in artists),
        appearances=tuple(Appearance(AlbumId(f"test:{album}"), position) for album, position in albums),
        popularity=popularity,
    )
