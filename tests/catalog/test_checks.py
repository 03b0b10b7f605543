"""What may enter a catalogue, and how a refusal reads."""

from dataclasses import replace

import pytest

from services.catalog.domain.checks import MAX_POPULARITY, MAX_UINT32, check
from services.catalog.domain.items import (
    MAX_LIST_ITEMS,
    MAX_TEXT_CHARS,
    Album,
    AlbumId,
    Appearance,
    Artist,
    ArtistId,
    Item,
    Track,
    TrackId,
)
from services.kit.errors import Invalid

ARTIST = Artist(ArtistId("test:1"), "Moth Parliament")
ALBUM = Album(AlbumId("test:1"), "Minutes")
TRACK = Track(TrackId("test:1"), "Quorum")


def appearances(*places: tuple[str, int]) -> tuple[Appearance, ...]:
    """Return appearances on the albums."""
    return tuple(Appearance(AlbumId(album), position) for album, position in places)


def test_an_item_that_is_large_altogether_is_refused() -> None:
    """Each name may be as long as it likes and the list as well, but not both at once."""
    names = tuple(f"{number:0>900}" for number in range(10))
    check(replace(ARTIST, aliases=names))
    with pytest.raises(Invalid, match="The artist's texts and lists are larger than 10000 bytes together"):
        check(replace(ARTIST, aliases=(*names, "é" * 450)))


@pytest.mark.parametrize(
    "item",
    [
        ARTIST,
        ALBUM,
        TRACK,
        Artist(ArtistId("a-b2:A.z_0~-"), "月のうさぎ堂", ("Łoś", "👩‍🚀", "No\u00a0break"), MAX_POPULARITY),
        replace(ALBUM, title="1", release_year=2024, credit="", artist_ids=(ArtistId("test:1"), ArtistId("test:2"))),
        replace(
            TRACK,
            title="x" * MAX_TEXT_CHARS,
            appearances=appearances(("test:1", 0), ("test:2", MAX_UINT32)),
            isrc="ZZA0B2400001",
            duration_ms=MAX_UINT32,
            markets=("SE", "NO"),
        ),
        replace(TRACK, aliases=tuple(map(str, range(MAX_LIST_ITEMS)))),
    ],
)
def test_a_sound_item_passes(item: Item) -> None:
    """Every script, every limit reached and every optional part left out are fine."""
    check(item)


@pytest.mark.parametrize(
    ("item", "field"),
    [
        (replace(ARTIST, id=ArtistId("")), "id"),
        (replace(ARTIST, id=ArtistId("nokey:")), "id"),
        (replace(ARTIST, id=ArtistId("Upper:1")), "id"),
        (replace(ARTIST, id=ArtistId("test:1 2")), "id"),
        (replace(ARTIST, id=ArtistId("test:1\n")), "id"),
        (replace(ARTIST, id=ArtistId("test:" + "1" * 200)), "id"),
        (replace(ARTIST, name=""), "name"),
        (replace(ARTIST, name=" \t"), "name"),
        (replace(ARTIST, name="Bell\x07"), "name"),
        (replace(ARTIST, name="\u0085"), "name"),
        (replace(ARTIST, name="Line\u2028feed"), "name"),
        (replace(ARTIST, name="Half \ud83d pair"), "name"),
        (replace(ARTIST, aliases=("Fine", "")), "aliases"),
        (replace(ARTIST, aliases=("Same", "Same")), "aliases"),
        (replace(ARTIST, aliases=tuple(map(str, range(MAX_LIST_ITEMS + 1)))), "aliases"),
        (replace(ARTIST, popularity=-1), "popularity"),
        (replace(ARTIST, popularity=MAX_POPULARITY + 1), "popularity"),
        (replace(ALBUM, title="x" * (MAX_TEXT_CHARS + 1)), "title"),
        (replace(ALBUM, credit="\x00"), "credit"),
        (replace(ALBUM, artist_ids=(ArtistId("test:1"), ArtistId("test"))), "artist_ids"),
        (replace(ALBUM, artist_ids=(ArtistId("test:1"), ArtistId("test:1"))), "artist_ids"),
        (replace(ALBUM, release_year=999), "release_year"),
        (replace(ALBUM, release_year=2101), "release_year"),
        (replace(ALBUM, release_year=-1), "release_year"),
        (replace(TRACK, appearances=appearances(("test", 1))), "appearances"),
        (replace(TRACK, appearances=appearances(("test:1", -1))), "appearances"),
        (replace(TRACK, appearances=appearances(("test:1", MAX_UINT32 + 1))), "appearances"),
        (replace(TRACK, appearances=appearances(("test:1", 1), ("test:1", 2))), "appearances"),
        (replace(TRACK, isrc="zza0b2400001"), "isrc"),
        (replace(TRACK, isrc="ZZ-A0B-24-00001"), "isrc"),
        (replace(TRACK, duration_ms=-1), "duration_ms"),
        (replace(TRACK, duration_ms=MAX_UINT32 + 1), "duration_ms"),
        (replace(TRACK, markets=("SE", "se")), "markets"),
        (replace(TRACK, markets=("SWE",)), "markets"),
        (replace(TRACK, markets=("SE", "SE")), "markets"),
    ],
)
def test_an_unsound_item_is_refused_by_field(item: Item, field: str) -> None:
    """Each fault is Invalid, names its field, and is one sentence that UTF-8 can carry."""
    with pytest.raises(Invalid) as refused:
        check(item)
    sentence = str(refused.value)
    assert refused.value.field == field
    assert sentence.startswith("The ")
    assert sentence.endswith(".")
    assert sentence.encode()


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (replace(TRACK, title=" "), "The track's title is empty."),
        (
            replace(TRACK, markets=("SE", "?")),
            "The track's markets are wrong: number 2 is not a code of two capital letters.",
        ),
        (
            replace(TRACK, appearances=appearances(("test:1", -1))),
            "The track's appearances are wrong: a position is not between 0 and 4294967295.",
        ),
        (replace(ALBUM, release_year=3), "The album's release year is neither 0 nor between 1000 and 2100."),
    ],
)
def test_a_refusal_says_what_is_wrong(item: Item, sentence: str) -> None:
    """The sentence tells a person which part to change, and where in a list it stands."""
    with pytest.raises(Invalid) as refused:
        check(item)
    assert str(refused.value) == sentence
