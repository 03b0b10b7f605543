"""The promises of services.catalog.domain.store.CatalogStore, kept by every implementation."""

from pathlib import Path
from random import Random

import pytest

from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import AlbumId, ArtistId, Item, Kind, Reference, reference
from services.catalog.domain.store import CatalogStore, Counts, Kept, Outcome, Page, Stored
from services.kit.errors import Invalid, NotFound
from tests.catalog.invented import album, artist, track
from tests.contract.catalog_stores import RECORD, open_memory, rows, wire


def numbers(page: Page | None) -> list[int]:
    """Return the numbers of the page's tracks."""
    assert page is not None
    return [int(decode(Kind.TRACK, wire).id.partition(":")[2]) for wire in page.tracks]


async def test_a_new_catalogue_is_empty_at_generation_zero(store: CatalogStore) -> None:
    """A catalogue never written to has nothing and says so."""
    assert await store.generation() == 0
    assert await store.counts() == Counts()
    assert await rows(store) == []
    assert await store.get(Reference(Kind.TRACK, "test:1")) is None


@pytest.mark.parametrize("item", [artist(1), album(1), track(1, (1, 1), artists=[1])])
async def test_what_was_written_is_read_as_the_same_bytes(store: CatalogStore, item: Item) -> None:
    """An item comes back as exactly the bytes that encode makes of it."""
    assert await store.write([item]) == Outcome(added=1)
    assert await wire(store, reference(item)) == encode(item)


async def test_one_id_may_name_an_item_of_each_kind(store: CatalogStore) -> None:
    """The same id names a track, an album and an artist without mixing them up."""
    items: list[Item] = [track(1), album(1), artist(1)]
    assert await store.write(items) == Outcome(added=3)
    assert [await wire(store, reference(item)) for item in items] == [encode(item) for item in items]
    assert await store.counts() == Counts(artists=1, albums=1, tracks=1)


async def test_many_are_read_in_the_order_asked_for(store: CatalogStore) -> None:
    """get_many answers every reference in its place: repeated, of any kind, or None for an unknown one."""
    await store.write([track(1), track(2), album(1)])
    wanted = [
        Reference(Kind.TRACK, "test:2"),
        Reference(Kind.ALBUM, "test:9"),
        Reference(Kind.ALBUM, "test:1"),
        Reference(Kind.TRACK, "test:2"),
    ]
    found = [kept and kept.wire for kept in await store.get_many(wanted)]
    assert found == [encode(track(2)), None, encode(album(1)), encode(track(2))]
    assert await store.get_many([]) == []


async def test_an_id_that_no_item_can_have_names_nothing(store: CatalogStore) -> None:
    """Whatever is asked for: what cannot be is not there, and what was asked for with it is."""
    await store.write([track(1), album(1)])
    never = "test:1\0"
    assert await store.get(Reference(Kind.TRACK, never)) is None
    nothing, found = await store.get_many([Reference(Kind.TRACK, never), Reference(Kind.TRACK, "test:1")])
    assert nothing is None
    assert found is not None
    assert await store.album_tracks(AlbumId(never), 10, "") is None
    assert await store.artist_tracks(ArtistId(never), 10, "") is None
    with pytest.raises(NotFound):
        await store.take_down(Reference(Kind.TRACK, never), RECORD)
    with pytest.raises(NotFound):
        await store.restore(Reference(Kind.TRACK, never), RECORD)


async def test_writing_the_same_again_changes_nothing(store: CatalogStore) -> None:
    """A second identical write is reported as unchanged and leaves the generation alone."""
    items: list[Item] = [artist(1), album(1), track(1, (1, 1), artists=[1])]
    await store.write(items)
    generation = await store.generation()
    assert await store.write(items) == Outcome(unchanged=3)
    assert await store.generation() == generation


async def test_the_generation_grows_with_every_change(store: CatalogStore) -> None:
    """Adding, updating and emptying each give a greater generation; writing nothing does not."""
    seen = [await store.generation()]
    await store.write([artist(1)])
    seen.append(await store.generation())
    await store.write([artist(1, name="Renamed")])
    seen.append(await store.generation())
    await store.write([], replace=True)
    seen.append(await store.generation())
    assert seen == sorted(set(seen))
    await store.write([])
    await store.write([], replace=True)
    assert await store.generation() == seen[-1]


async def test_a_batch_tells_new_changed_and_same_apart(store: CatalogStore) -> None:
    """The outcome of a mixed batch counts each item once, by what happened to it."""
    await store.write([artist(1), artist(2)])
    assert await store.write([artist(1), artist(2, popularity=5), artist(3)]) == Outcome(1, 1, 1)


async def test_the_last_of_an_item_named_twice_counts(store: CatalogStore) -> None:
    """Within one batch the last word on an item is kept, and the item is counted once."""
    assert await store.write([artist(1, name="First"), artist(1, name="Last")]) == Outcome(added=1)
    assert await wire(store, Reference(Kind.ARTIST, "test:1")) == encode(artist(1, name="Last"))
    assert await store.counts() == Counts(artists=1)


async def test_replace_leaves_only_the_new_items(store: CatalogStore) -> None:
    """After a replacing write nothing of the old catalogue is left, in no list and no count."""
    await store.write([artist(1), album(1), track(1, (1, 1), artists=[1]), track(2, (1, 2), artists=[1])])
    assert await store.write([artist(1), track(3, artists=[1])], replace=True) == Outcome(added=2)
    assert await store.counts() == Counts(artists=1, tracks=1)
    assert [row.reference.id for row in await rows(store)] == ["test:1", "test:3"]
    assert numbers(await store.artist_tracks(ArtistId("test:1"), 10, "")) == [3]
    assert await store.album_tracks(AlbumId("test:1"), 10, "") is None


@pytest.mark.parametrize("anew", [False, True])
async def test_a_batch_that_cannot_be_encoded_changes_nothing(store: CatalogStore, *, anew: bool) -> None:
    """An item that has no wire bytes fails its batch whole: nothing is added, and nothing emptied."""
    await store.write([artist(1)])
    with pytest.raises(ValueError, match="range"):
        await store.write([artist(2), artist(3, popularity=2**64)], replace=anew)
    assert await store.counts() == Counts(artists=1)
    assert await wire(store, Reference(Kind.ARTIST, "test:1")) == encode(artist(1))


async def test_album_tracks_come_in_playing_order(store: CatalogStore) -> None:
    """An album's tracks are ordered by position, the ones without a known position last."""
    await store.write([album(1), track(5, (1, 0)), track(7, (1, 2)), track(8, (1, 10)), track(9, (2, 9), (1, 1))])
    assert numbers(await store.album_tracks(AlbumId("test:1"), 10, "")) == [9, 7, 8, 5]


async def test_artist_tracks_come_most_popular_first(store: CatalogStore) -> None:
    """An artist's tracks are ordered by falling popularity, equally popular ones by id."""
    await store.write(
        [artist(1), *(track(n, artists=[2, 1], popularity=p) for n, p in [(1, 5), (2, 9), (4, 5), (3, 5)])]
    )
    assert numbers(await store.artist_tracks(ArtistId("test:1"), 10, "")) == [2, 1, 3, 4]


async def test_pages_cover_a_list_once(store: CatalogStore) -> None:
    """Following next tokens gives every track once, full pages, and no token behind the last."""
    await store.write([artist(1), *(track(n, artists=[1], popularity=n % 4) for n in range(7))])
    pages, token = [], ""
    while page := await store.artist_tracks(ArtistId("test:1"), 3, token):
        pages.append(numbers(page))
        token = page.next_token
        if not token:
            break
    assert pages == [[3, 2, 6], [1, 5, 0], [4]]


async def test_a_list_that_fills_its_last_page_ends_there(store: CatalogStore) -> None:
    """No empty page follows a full one."""
    await store.write([album(1), track(1, (1, 1)), track(2, (1, 2))])
    page = await store.album_tracks(AlbumId("test:1"), 2, "")
    assert page is not None
    assert (len(page.tracks), page.next_token) == (2, "")


async def test_a_page_goes_on_where_the_last_one_ended_whatever_was_written_since(store: CatalogStore) -> None:
    """Tracks written before the place that was reached do not make a later page repeat or skip one."""
    await store.write([artist(1), *(track(n, artists=[1], popularity=100 - n) for n in (1, 2, 3, 4))])
    first = await store.artist_tracks(ArtistId("test:1"), 2, "")
    await store.write([track(9, artists=[1], popularity=1000), track(1, artists=[2], popularity=99)])
    assert first is not None
    assert numbers(await store.artist_tracks(ArtistId("test:1"), 2, first.next_token)) == [3, 4]


async def test_lists_follow_updates(store: CatalogStore) -> None:
    """An updated track leaves the lists it was in, enters the new ones, and moves within those that stay."""
    await store.write([artist(1), artist(2), album(1), track(1, (1, 1), artists=[1], popularity=1)])
    await store.write([track(2, (1, 2), artists=[1], popularity=5)])
    await store.write([track(1, (1, 3), artists=[1], popularity=9), track(2, artists=[2], popularity=5)])
    assert numbers(await store.album_tracks(AlbumId("test:1"), 10, "")) == [1]
    assert numbers(await store.artist_tracks(ArtistId("test:1"), 10, "")) == [1]
    assert numbers(await store.artist_tracks(ArtistId("test:2"), 10, "")) == [2]


async def test_a_list_waits_for_its_owner(store: CatalogStore) -> None:
    """Tracks may be written before their album: without it there is no list, with it the list is whole."""
    await store.write([track(1, (1, 1))])
    assert await store.album_tracks(AlbumId("test:1"), 10, "") is None
    await store.write([album(1)])
    assert numbers(await store.album_tracks(AlbumId("test:1"), 10, "")) == [1]


async def test_an_owner_without_tracks_has_an_empty_list(store: CatalogStore) -> None:
    """A known artist without tracks has an empty page, not none."""
    await store.write([artist(1)])
    assert await store.artist_tracks(ArtistId("test:1"), 10, "") == Page(())


@pytest.mark.parametrize("token", ["nonsense", "\N{SNOWMAN}", "=", "MSB0ZXN0OjEgMSA", "A" * 9_999])
async def test_a_token_that_no_page_gave_is_refused(store: CatalogStore, token: str) -> None:
    """A made-up page token is Invalid and named as the field at fault."""
    await store.write([artist(1)])
    with pytest.raises(Invalid) as refused:
        await store.artist_tracks(ArtistId("test:1"), 10, token)
    assert refused.value.field == "page_token"


async def test_a_token_of_another_list_is_refused(store: CatalogStore) -> None:
    """A token goes on with the list that gave it and no other, and only as it was given."""
    await store.write([artist(1), artist(2), *(track(n, artists=[1, 2]) for n in (1, 2))])
    page = await store.artist_tracks(ArtistId("test:1"), 1, "")
    assert page is not None
    with pytest.raises(Invalid):
        await store.artist_tracks(ArtistId("test:2"), 1, page.next_token)
    with pytest.raises(Invalid):
        await store.album_tracks(AlbumId("test:1"), 1, page.next_token)
    with pytest.raises(Invalid):
        await store.artist_tracks(ArtistId("test:1"), 1, f"{page.next_token}!!!!")


async def test_a_snapshot_is_ordered_and_whole(store: CatalogStore) -> None:
    """A snapshot gives artists, albums and tracks in the order of ids, in several chunks, with their counts."""
    items: list[Item] = [*(track(n) for n in range(1_200)), album(2), album(1), artist(3)]
    Random(1).shuffle(items)  # noqa: S311 - a fixed order, not a secret
    await store.write(items)
    snapshot = await store.snapshot()
    chunks = [chunk async for chunk in snapshot.chunks]
    order = {Kind.ARTIST: 0, Kind.ALBUM: 1, Kind.TRACK: 2}
    ordered = sorted(items, key=lambda item: (order[reference(item).kind], item.id))
    generation = await store.generation()
    assert [row for chunk in chunks for row in chunk] == [
        Stored(reference(item), Kept(encode(item), generation)) for item in ordered
    ]
    assert snapshot.counts == Counts(artists=1, albums=2, tracks=1_200)
    assert snapshot.generation == generation
    assert len(chunks) > 1


async def test_a_snapshot_does_not_see_later_writes(store: CatalogStore) -> None:
    """What is written while a snapshot is read shows in neither its rows nor its head."""
    await store.write([artist(n) for n in range(1_100)])
    snapshot = await store.snapshot()
    first = await anext(snapshot.chunks)
    await store.write([artist(1_099, name="Renamed"), track(1)], replace=True)
    read = [*first, *[row async for chunk in snapshot.chunks for row in chunk]]
    assert sorted(row.kept.wire for row in read) == sorted(encode(artist(n)) for n in range(1_100))
    assert len(await rows(store)) == 2


@pytest.mark.parametrize("read", [0, 1])
async def test_a_snapshot_may_be_left_early(store: CatalogStore, read: int) -> None:
    """Closing a snapshot before or after its first chunk frees it: any number may be opened one after another."""
    await store.write([artist(n) for n in range(1_100)])
    for _ in range(20):
        snapshot = await store.snapshot()
        for _ in range(read):
            await anext(snapshot.chunks)
        await snapshot.chunks.aclose()
    assert len(await rows(store)) == 1_100


def random_batch(chance: Random) -> list[Item]:
    """Return a batch over a few ids, so that batches often meet."""
    return [random_item(chance) for _ in range(chance.randrange(12))]


def random_item(chance: Random) -> Item:
    """Return an item of any kind with a small number and small figures."""
    few, popularity = range(3), chance.randrange(4)
    places = [(number, chance.choice(few)) for number in chance.sample(few, chance.choice(few))]
    items: list[Item] = [
        artist(chance.choice(few), popularity=popularity),
        album(chance.choice(few), popularity=popularity),
        track(chance.randrange(6), *places, artists=chance.sample(few, chance.choice(few)), popularity=popularity),
    ]
    return chance.choice(items)


async def listed(store: CatalogStore) -> list[object]:
    """Return all that a catalogue answers, with the age of each item's version, since numbers begin anywhere."""
    albums = [await store.album_tracks(AlbumId(f"test:{number}"), 2, "") for number in range(3)]
    artists = [await store.artist_tracks(ArtistId(f"test:{number}"), 2, "") for number in range(3)]
    generation = await store.generation()
    aged = [(row.reference, row.kept.wire, generation - row.kept.version) for row in await rows(store)]
    return [albums, artists, aged, await store.counts()]


async def changed_at_random(store: CatalogStore, chance: Random) -> object:
    """Write a batch, take an item down or restore one; return what came of it."""
    batch, anew, which = random_batch(chance), chance.randrange(8) == 0, chance.randrange(4)
    if which:
        return await store.write(batch, replace=anew)
    wanted, change = reference(random_item(chance)), chance.choice([store.take_down, store.restore])
    try:
        return await change(wanted, RECORD)
    except NotFound as failure:
        return str(failure)


@pytest.mark.parametrize("seed", range(8))
async def test_all_stores_agree(store: CatalogStore, tmp_path: Path, seed: int) -> None:
    """Whatever is done, every implementation reports the same outcomes and gives the same answers as memory."""
    ours, theirs = Random(seed), Random(seed)  # noqa: S311 - the same changes every time, not a secret
    async with open_memory(tmp_path) as memory:
        for _ in range(20):
            before = await memory.generation(), await store.generation()
            assert await changed_at_random(memory, ours) == await changed_at_random(store, theirs)
            assert await listed(memory) == await listed(store)
            # Where a catalogue begins to count is its own affair; that it counts a change is not.
            assert (await memory.generation() > before[0]) == (await store.generation() > before[1])
        assert len(await memory.journal(0)) == len(await store.journal(0))
