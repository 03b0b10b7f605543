"""The rest of CatalogStore's promises: versions, takedowns, the journal, and following what changes."""

import pytest

from services.catalog.api.wire import encode
from services.catalog.domain.items import AlbumId, ArtistId, Item, Kind, Reference, reference
from services.catalog.domain.store import CatalogStore, Counts, Delta, Kept, Outcome, Page
from services.kit.errors import NotFound
from services.kit.journal import verify
from tests.catalog.invented import album, artist, track
from tests.contract.catalog_stores import RECORD, rows, wire

ONE = Reference(Kind.TRACK, "test:1")
CATALOGUE: list[Item] = [artist(1), album(1), track(1, (1, 1), artists=[1]), track(2, (1, 2), artists=[1])]


async def mirrored(store: CatalogStore, known: dict[Reference, Kept], since: int) -> int:
    """Follow the changes after a generation into `known`, to their end, and return the generation reached."""
    while True:
        delta = await store.delta(since)
        if delta.reset:
            known.clear()
        known.update((each.reference, each.kept) for each in delta.changed)
        for gone in delta.removed:
            known.pop(gone, None)
        if delta.generation == since:
            return since
        since = delta.generation


async def shown(store: CatalogStore) -> dict[Reference, Kept]:
    """Return the whole catalogue by reference."""
    return {row.reference: row.kept for row in await rows(store)}


async def test_an_items_version_is_the_generation_of_its_last_change(store: CatalogStore) -> None:
    """An item that did not change keeps its version; one that did has the catalogue's generation."""
    await store.write([artist(1), artist(2)])
    first = await store.generation()
    await store.write([artist(1), artist(2, name="Renamed")])
    same, changed = await store.get_many([Reference(Kind.ARTIST, "test:1"), Reference(Kind.ARTIST, "test:2")])
    assert same == Kept(encode(artist(1)), first)
    assert changed == Kept(encode(artist(2, name="Renamed")), await store.generation())


async def test_an_item_that_is_taken_down_is_in_no_answer(store: CatalogStore) -> None:
    """After a takedown the item is gone by id, from every list, from counts and exports."""
    await store.write(CATALOGUE)
    assert await store.take_down(ONE, RECORD) is True
    assert await store.get(ONE) is None
    assert await store.get_many([ONE]) == [None]
    assert await store.album_tracks(AlbumId("test:1"), 10, "") == Page((encode(CATALOGUE[3]),))
    assert await store.artist_tracks(ArtistId("test:1"), 10, "") == Page((encode(CATALOGUE[3]),))
    assert await store.counts() == Counts(artists=1, albums=1, tracks=1)
    assert ONE not in await shown(store)


async def test_an_owner_that_is_taken_down_takes_its_list_along(store: CatalogStore) -> None:
    """An album that is taken down has no list of tracks; its tracks stay, and the list is back with it."""
    await store.write(CATALOGUE)
    owner = Reference(Kind.ALBUM, "test:1")
    await store.take_down(owner, RECORD)
    assert await store.album_tracks(AlbumId("test:1"), 10, "") is None
    assert await wire(store, ONE) is not None
    await store.restore(owner, RECORD)
    page = await store.album_tracks(AlbumId("test:1"), 10, "")
    assert page is not None
    assert len(page.tracks) == 2


@pytest.mark.parametrize("replace", [False, True])
async def test_an_import_does_not_bring_back_what_is_taken_down(store: CatalogStore, *, replace: bool) -> None:
    """Importing again withholds the item, says so, and is no change by it; restoring shows it as last imported."""
    await store.write(CATALOGUE)
    await store.take_down(ONE, RECORD)
    newer = track(1, artists=[1], popularity=9)
    assert (await store.write([*CATALOGUE[:2], newer, CATALOGUE[3]], replace=replace)).withheld == 1
    assert await store.get(ONE) is None
    generation = await store.generation()
    assert await store.write([newer]) == Outcome(withheld=1)
    assert await store.generation() == generation
    await store.restore(ONE, RECORD)
    assert await wire(store, ONE) == encode(newer)
    page = await store.artist_tracks(ArtistId("test:1"), 10, "")
    assert page is not None
    assert encode(newer) in page.tracks


async def test_takedown_and_restore_count_as_changes_once(store: CatalogStore) -> None:
    """Each makes a new generation and a record; taking down again makes neither."""
    await store.write(CATALOGUE)
    seen = [await store.generation()]
    await store.take_down(ONE, RECORD)
    seen.append(await store.generation())
    assert await store.take_down(ONE, RECORD) is False
    assert await store.generation() == seen[-1]
    await store.restore(ONE, RECORD)
    seen.append(await store.generation())
    assert seen == sorted(set(seen))
    assert len(await store.journal(0)) == 2


async def test_what_is_not_there_cannot_be_taken_down(store: CatalogStore) -> None:
    """An unknown item, and restoring one that is shown, are refused by name and leave no record."""
    await store.write(CATALOGUE)
    generation = await store.generation()
    with pytest.raises(NotFound, match="test:9"):
        await store.take_down(Reference(Kind.TRACK, "test:9"), RECORD)
    with pytest.raises(NotFound, match="test:1"):
        await store.restore(ONE, RECORD)
    assert await store.journal(0) == []
    assert await store.generation() == generation


async def test_the_journal_holds_what_was_recorded_in_a_chain(store: CatalogStore) -> None:
    """Entries come back as recorded, in order and linked, from behind any of them."""
    await store.write(CATALOGUE)
    for _ in range(2):
        await store.take_down(ONE, RECORD)
        await store.restore(ONE, RECORD)
    entries = await store.journal(0)
    assert verify(entries) == 4
    assert [entry.record for entry in entries] == [RECORD] * 4
    assert await store.journal(2) == entries[2:]
    assert await store.journal(4) == []


async def test_the_journal_outlasts_an_emptied_catalogue(store: CatalogStore) -> None:
    """A replacing import takes no record away."""
    await store.write(CATALOGUE)
    await store.take_down(ONE, RECORD)
    await store.write([artist(5)], replace=True)
    assert len(await store.journal(0)) == 1


async def test_a_new_catalogue_has_no_changes(store: CatalogStore) -> None:
    """Nothing has happened in it; who knows some generation knows another catalogue."""
    assert await store.delta(0) == Delta(0)
    assert await store.delta(5) == Delta(0, reset=True)


async def test_following_the_changes_gives_the_catalogue(store: CatalogStore) -> None:
    """Whoever applies every delta, from the beginning or from any point since, has what an export would give."""
    early: dict[Reference, Kept] = {}
    late: dict[Reference, Kept] = {}
    await store.write(CATALOGUE)
    reached = await mirrored(store, early, 0)
    await store.write([artist(1, name="Renamed"), artist(7)])
    await store.take_down(ONE, RECORD)
    assert await mirrored(store, late, 0) == await mirrored(store, early, reached) == await store.generation()
    assert early == late == await shown(store)
    reached = await store.generation()
    await store.restore(ONE, RECORD)
    await mirrored(store, early, reached)
    assert early == await shown(store)


async def test_a_delta_has_only_what_changed(store: CatalogStore) -> None:
    """What did not change since is not sent again, and at the end there is nothing more."""
    await store.write(CATALOGUE)
    before = await store.generation()
    await store.write([artist(1, name="Renamed")])
    await store.take_down(ONE, RECORD)
    delta = await store.delta(before)
    assert [each.reference for each in delta.changed] == [Reference(Kind.ARTIST, "test:1")]
    assert delta.removed == (ONE,)
    assert delta.generation == await store.generation()
    assert await store.delta(delta.generation) == Delta(delta.generation)


async def test_emptying_tells_followers_to_forget(store: CatalogStore) -> None:
    """After a replacing import every earlier follower is told to begin anew, and then has the new catalogue."""
    known: dict[Reference, Kept] = {}
    await store.write(CATALOGUE)
    reached = await mirrored(store, known, 0)
    await store.write([artist(5)], replace=True)
    assert (await store.delta(reached)).reset is True
    assert (await store.delta(0)).reset is False
    await mirrored(store, known, reached)
    assert known == await shown(store)


async def test_a_follower_of_another_catalogue_begins_anew(store: CatalogStore) -> None:
    """A generation this catalogue never had, before or after its own, is a reset."""
    await store.write(CATALOGUE)
    generation = await store.generation()
    assert (await store.delta(generation + 1)).reset is True
    if generation > 1:
        assert (await store.delta(generation - 1)).reset is True


async def test_many_changes_come_in_parts_that_end_at_a_generation(store: CatalogStore) -> None:
    """A long way is walked in steps, none of which cuts a generation in two, and nothing is left out."""
    for start in range(0, 2_400, 400):
        await store.write([artist(number) for number in range(start, start + 400)])
    steps, since = [], 0
    while (delta := await store.delta(since)).generation != since:
        steps.append(len(delta.changed))
        since = delta.generation
    assert len(steps) > 1
    assert sum(steps) == 2_400
    assert all(step % 400 == 0 for step in steps)


async def test_references_name_what_they_did(store: CatalogStore) -> None:
    """Every item of a delta is under the reference that names it."""
    await store.write(CATALOGUE)
    delta = await store.delta(0)
    assert {each.reference: each.kept.wire for each in delta.changed} == {
        reference(item): encode(item) for item in CATALOGUE
    }
