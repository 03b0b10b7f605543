"""Generated catalogues: the same everywhere, like music, and no larger in memory than a label."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import islice

import pytest

from services.catalog.api.wire import encode
from services.catalog.domain.checks import check
from services.catalog.domain.items import Album, Artist, Item, Track, reference
from services.catalog.imports.generated.languages import languages
from services.catalog.imports.generated.source import generated
from services.catalog.imports.source import Reject
from services.kit.errors import Invalid

EASTERN = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"}
OTHER_SCRIPTS = {"CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "THAI"}


def items_of(tracks: int, seed: int) -> list[Item]:
    """Return a whole generated catalogue."""
    return [entry for entry in generated(tracks, seed).entries() if not isinstance(entry, Reject)]


@pytest.fixture(scope="module")
def catalogue() -> Sequence[Item]:
    """Return a catalogue of a hundred labels."""
    return items_of(19_200, 1)


@pytest.fixture(scope="module")
def tracks(catalogue: Sequence[Item]) -> Sequence[Track]:
    """Return its tracks."""
    return [item for item in catalogue if isinstance(item, Track)]


def digest(tracks: int, seed: int) -> str:
    """Return a digest of the whole catalogue's wire bytes."""
    everything = sha256()
    for item in items_of(tracks, seed):
        everything.update(encode(item))
    return everything.hexdigest()


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        (1, "7239e7befb6b221d27fc7c6aaffeabb2c722f85e41eb3b358b79c6d45b4d9e7a"),
        (2, "f7deafaac73cb581ff603899210f234285e6bd7951fd88f34591a1a428a6de62"),
    ],
)
def test_a_seed_gives_the_same_bytes_everywhere(seed: int, expected: str) -> None:
    """Platform, process and Python's hash seed change nothing. A new digest means that every demo catalogue changes."""
    assert digest(1_000, seed) == expected


def test_a_smaller_catalogue_of_the_same_labels_is_the_beginning_of_the_larger() -> None:
    """Cutting the last label short leaves the tracks before the cut as they are."""
    whole, cut = items_of(384, 5), items_of(300, 5)
    assert [item for item in whole if item in set(cut)] == cut
    assert len(whole) - len(cut) == 84


@pytest.mark.parametrize("count", [1, 191, 192, 193, 1_000])
def test_the_number_of_tracks_is_exact(count: int) -> None:
    """A catalogue has exactly the tracks asked for, and as many items as it said, whatever the number."""
    source = generated(count, 3)
    items = list(source.entries())
    assert sum(isinstance(item, Track) for item in items) == count
    assert len(items) == source.size


def test_the_kinds_are_in_proportion(catalogue: Sequence[Item]) -> None:
    """There is an artist for twelve tracks and an album for eight."""
    kinds = Counter(type(item) for item in catalogue)
    assert (kinds[Track], kinds[Artist], kinds[Album]) == (19_200, 1_600, 2_400)


def test_every_item_is_sound_and_its_own(catalogue: Sequence[Item]) -> None:
    """Every item may enter a catalogue, and no reference names two."""
    for item in catalogue:
        check(item)
    assert len({reference(item) for item in catalogue}) == len(catalogue)


def test_every_reference_is_kept(catalogue: Sequence[Item], tracks: Sequence[Track]) -> None:
    """Every artist and album that is named exists, and no two tracks share a position."""
    artists = {item.id for item in catalogue if isinstance(item, Artist)}
    albums = {item.id for item in catalogue if isinstance(item, Album)}
    places = [(at.album_id, at.position) for track in tracks for at in track.appearances]
    assert {artist for track in tracks for artist in track.artist_ids} <= artists
    assert {artist for item in catalogue if isinstance(item, Album) for artist in item.artist_ids} <= artists
    assert {album for album, _ in places} == albums
    assert len(set(places)) == len(places)


def test_albums_are_played_from_one_to_their_end(tracks: Sequence[Track]) -> None:
    """An album's own tracks stand at 1, 2, 3 and so on without a gap."""
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for track in tracks:
        positions[track.appearances[0].album_id].append(track.appearances[0].position)
    assert all(places == list(range(1, len(places) + 1)) for places in positions.values())


def scripts(text: str) -> set[str]:
    """Return the scripts of the text's letters by their Unicode names."""
    return {unicodedata.name(letter).split()[0] for letter in text if letter.isalpha()}


def test_scripts_have_their_shares(tracks: Sequence[Track]) -> None:
    """Of a hundred titles some nine are Chinese, Japanese or Korean, five in other scripts; each script is there."""
    found = [scripts(track.title) for track in tracks]
    assert 0.08 < sum(bool(EASTERN & one) for one in found) / len(tracks) < 0.10
    assert 0.04 < sum(bool(OTHER_SCRIPTS & one) for one in found) / len(tracks) < 0.06
    assert EASTERN | OTHER_SCRIPTS | {"LATIN"} <= set().union(*found)
    assert len(languages()) == 13


def test_names_in_other_letters_are_known_in_latin_ones(catalogue: Sequence[Item]) -> None:
    """Most artists with a name in another script have an alias that a Latin keyboard can type."""
    foreign = [item for item in catalogue if isinstance(item, Artist) and "LATIN" not in scripts(item.name)]
    typed = [artist for artist in foreign if any(alias.isascii() for alias in artist.aliases)]
    assert len(typed) > len(foreign) / 2


@pytest.mark.parametrize(
    ("what", "least", "most", "shows"),
    [
        ("a guest", 0.08, 0.20, lambda track: " feat. " in track.credit),
        ("a guest in the title", 0.03, 0.10, lambda track: "(feat. " in track.title),
        ("a remix", 0.01, 0.04, lambda track: track.title.endswith(" Remix)")),
        ("a remaster", 0.04, 0.12, lambda track: " - Remastered " in track.title),
        ("a live version", 0.04, 0.12, lambda track: " - Live at " in track.title),
        ("a number for a title", 0.005, 0.02, lambda track: track.title.isdecimal()),
        ("one word for a title", 0.15, 0.40, lambda track: " " not in track.title),
        ("a diacritic", 0.10, 0.30, lambda track: scripts(track.title) == {"LATIN"} and not track.title.isascii()),
        ("several artists", 0.10, 0.30, lambda track: len(track.artist_ids) > 1),
        ("several albums", 0.05, 0.20, lambda track: len(track.appearances) > 1),
        ("an alias", 0.01, 0.06, lambda track: bool(track.aliases)),
        ("an ISRC", 0.85, 0.95, lambda track: bool(track.isrc)),
        ("explicit words", 0.05, 0.12, lambda track: track.explicit),
        ("some markets only", 0.04, 0.10, lambda track: bool(track.markets)),
    ],
)  # fmt: skip
def test_tracks_are_like_music(
    tracks: Sequence[Track], what: str, least: float, most: float, shows: Callable[[Track], bool]
) -> None:
    """Each trait that a search has to cope with is in a likely share of all tracks."""
    share = sum(map(shows, tracks)) / len(tracks)
    assert least < share < most, what


def test_songs_are_released_again_and_covered(tracks: Sequence[Track]) -> None:
    """The same title by the same artists stands on several albums, and by other artists too."""
    releases = Counter((track.title, track.artist_ids) for track in tracks)
    artists: defaultdict[str, set[str]] = defaultdict(set)
    for track in tracks:
        artists[track.title].add(track.artist_ids[0])
    again = sum(times - 1 for times in releases.values())
    covered = [title for title, by in artists.items() if len(by) > 1 and len(title.split()) > 2]
    assert 0.01 < again / len(tracks) < 0.06
    assert covered


def test_some_albums_are_called_like_their_artists(catalogue: Sequence[Item]) -> None:
    """A few albums in a hundred are self-titled, and some are credited to various artists."""
    albums = [item for item in catalogue if isinstance(item, Album)]
    assert 0.01 < sum(album.title == album.credit for album in albums) / len(albums) < 0.06
    assert 0.03 < sum(album.credit == "Various Artists" for album in albums) / len(albums) < 0.06


def test_popularity_follows_zipf(catalogue: Sequence[Item], tracks: Sequence[Track]) -> None:
    """The n-th artist has about one n-th of the first one's plays, and few tracks have most of all plays."""
    fame = sorted((item.popularity for item in catalogue if isinstance(item, Artist)), reverse=True)
    assert all(0.7 < fame[0] / fame[place - 1] / place < 1.4 for place in (2, 10, 100, 1_000))
    plays = sorted((track.popularity for track in tracks), reverse=True)
    assert sum(plays[: len(plays) // 100]) > sum(plays) / 4
    assert len(set(plays)) > len(plays) / 2


def test_an_immense_catalogue_begins_at_once() -> None:
    """Nothing is made ahead: the first items of fifty million tracks need no more than their label."""
    first = list(islice(generated(50_000_000, 1).entries(), 500))
    assert len(first) == 500


@pytest.mark.parametrize(("count", "seed"), [(0, 1), (-5, 1), (100_000_001, 1), (10, -1), (10, 2**32)])
def test_numbers_out_of_range_are_refused(count: int, seed: int) -> None:
    """A catalogue of no tracks, of too many, or of a seed that cannot be is Invalid."""
    with pytest.raises(Invalid):
        generated(count, seed)
