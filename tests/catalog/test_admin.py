"""CatalogAdminService: imports, takedowns, restores and the journal, over the store in memory."""

from collections.abc import AsyncIterator

import pytest

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.admin import CatalogAdminApi
from services.catalog.api.wire import decode, encode, item_message
from services.catalog.domain.items import Kind, Reference
from services.catalog.store.memory import MemoryCatalog
from services.kit.clock import ManualClock
from services.kit.errors import Invalid, NotFound
from services.kit.journal import verify
from tests.catalog.invented import album, artist, track

ARTIST, ALBUM = artist(1), album(1)
TRACK_1 = pb.Reference(kind=pb.KIND_TRACK, id="test:1")
WHY = {"reason": "a claim", "actor": "ops"}


class Changes:
    """Counts how often it is told of a change."""

    def __init__(self) -> None:
        self.told = 0

    async def __call__(self) -> None:
        """Be told."""
        self.told += 1


async def admin(changes: Changes | None = None) -> tuple[MemoryCatalog, CatalogAdminApi]:
    """Return a store with one track, and the service over it."""
    store = MemoryCatalog(encode, decode)
    await store.write([track(1)])
    return store, CatalogAdminApi(store, changes or Changes(), ManualClock())


async def entries(service: CatalogAdminApi) -> list[pb.JournalResponse]:
    """Return the whole journal as it is streamed."""
    return [entry async for entry in service.journal(pb.JournalRequest())]


async def test_takedown_and_restore_are_answered_told_and_recorded_once() -> None:
    """Each is in the journal once, with who and why; doing it again is answered honestly and not recorded."""
    changes = Changes()
    store, service = await admin(changes)
    answers = [await service.take_down(pb.TakedownRequest(reference=TRACK_1, **WHY)) for _ in range(2)]
    assert [answer.changed for answer in answers] == [True, False]
    assert answers[0].generation == answers[1].generation == await store.generation()
    assert await store.get(Reference(Kind.TRACK, "test:1")) is None
    restored = await service.restore(pb.RestoreRequest(reference=TRACK_1, **WHY))
    assert restored.generation == await store.generation()
    assert await store.get(Reference(Kind.TRACK, "test:1")) is not None
    assert changes.told == 3
    found = await entries(service)
    assert [(entry.sequence, entry.action) for entry in found] == [(1, "takedown"), (2, "restore")]
    assert {(entry.subject, entry.actor, entry.reason) for entry in found} == {("track test:1", "ops", "a claim")}
    assert found[1].previous == found[0].hash
    assert verify(await store.journal(0)) == 2


async def test_what_names_nothing_is_not_found_and_not_recorded() -> None:
    """An unknown item cannot be taken down, one that is shown not be restored; neither leaves an entry."""
    _, service = await admin()
    with pytest.raises(NotFound, match="test:9"):
        await service.take_down(pb.TakedownRequest(reference=pb.Reference(kind=pb.KIND_TRACK, id="test:9"), **WHY))
    with pytest.raises(NotFound, match="test:1"):
        await service.restore(pb.RestoreRequest(reference=TRACK_1, **WHY))
    assert await entries(service) == []


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("reason", ""),
        ("reason", "  "),
        ("reason", "x" * 501),
        ("reason", "two\nlines"),
        ("actor", ""),
        ("actor", "x" * 65),
        ("actor", "bell\a"),
    ],
)
async def test_who_and_why_have_to_be_said(field: str, text: str) -> None:
    """A takedown without a reason and a name that can be read later does not happen."""
    store, service = await admin()
    with pytest.raises(Invalid, match=field) as refused:
        await service.take_down(pb.TakedownRequest(reference=TRACK_1, **{**WHY, field: text}))
    assert refused.value.field == field
    with pytest.raises(Invalid, match=field):
        await service.restore(pb.RestoreRequest(reference=TRACK_1, **{**WHY, field: text}))
    assert await store.get(Reference(Kind.TRACK, "test:1")) is not None


async def test_the_longest_reason_and_any_script_are_kept_as_they_are() -> None:
    """Five hundred characters of any language come back from the journal."""
    _, service = await admin()
    reason, actor = "Grund: 権利者\u3000👩‍🚀, " + "é" * 481, "ö" * 64
    await service.take_down(pb.TakedownRequest(reference=TRACK_1, reason=reason, actor=actor))
    (entry,) = await entries(service)
    assert (entry.reason, entry.actor) == (reason, actor)


async def test_a_takedown_says_what_kind_it_means() -> None:
    """An id alone may name a track and an album."""
    _, service = await admin()
    with pytest.raises(Invalid, match="does not say what kind"):
        await service.take_down(pb.TakedownRequest(reference=pb.Reference(id="test:1"), **WHY))


async def test_a_long_journal_is_streamed_whole() -> None:
    """More entries than the store gives at a time come in order, each once."""
    _, service = await admin()
    for _ in range(600):
        await service.take_down(pb.TakedownRequest(reference=TRACK_1, **WHY))
        await service.restore(pb.RestoreRequest(reference=TRACK_1, **WHY))
    assert [entry.sequence for entry in await entries(service)] == list(range(1, 1_201))


async def test_an_import_refuses_what_may_not_enter_and_keeps_the_batches_before() -> None:
    """The first unsound item ends the stream; what was written before it stays."""
    store, changes = MemoryCatalog(encode, decode), Changes()

    async def batches() -> AsyncIterator[pb.ImportRequest]:
        yield pb.ImportRequest(items=[item_message(ARTIST)])
        yield pb.ImportRequest(items=[item_message(ALBUM), pb.Item(track=pb.Track(id="no id"))])

    with pytest.raises(Invalid, match="id is not <source>:<key>"):
        await CatalogAdminApi(store, changes, ManualClock()).import_(batches())
    assert (await store.counts()).total == 1
    assert changes.told == 1


async def test_only_the_first_batch_may_empty_the_catalogue() -> None:
    """A replace in the middle of a stream would throw away what the stream itself brought."""
    store = MemoryCatalog(encode, decode)

    async def batches() -> AsyncIterator[pb.ImportRequest]:
        yield pb.ImportRequest(items=[item_message(ARTIST)], replace=True)
        yield pb.ImportRequest(items=[item_message(ALBUM)], replace=True)

    with pytest.raises(Invalid, match="Only the first batch"):
        await CatalogAdminApi(store, Changes(), ManualClock()).import_(batches())
    assert (await store.counts()).total == 1
