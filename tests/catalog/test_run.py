"""The import itself: batches, rejects, summaries, and what stays when it breaks off."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from services.catalog.api.wire import decode, encode
from services.catalog.domain.items import Item, Kind, Reference
from services.catalog.domain.store import Counts, Outcome
from services.catalog.imports.generated.source import generated
from services.catalog.imports.run import BATCH_ENTRIES, Summary, run
from services.catalog.imports.source import Entry, Reject, Source
from services.catalog.store.memory import MemoryCatalog
from services.kit.errors import Unavailable
from tests.catalog.invented import album, artist, track

BAD = Reject("rows.json", 2, "b", "It is bad.")
WORSE = Reject("rows.json", 7, "\ud83d", "It is worse: \ud83d.")


def source(*entries: Entry) -> Source:
    """Return a source of these entries."""
    return Source("Popularity is invented.", len(entries), lambda: iter(entries))


@pytest.fixture
def store() -> MemoryCatalog:
    """Return an empty catalogue."""
    return MemoryCatalog(encode, decode)


@pytest.fixture
def rejects(tmp_path: Path) -> Path:
    """Return where rejects go: a folder that is not there yet."""
    return tmp_path / "imports" / "rejects.jsonl"


def read(rejects: Path) -> list[object]:
    """Return the objects in the file, one a line."""
    return [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]


async def test_an_import_writes_every_item_and_says_what_it_did(store: MemoryCatalog, rejects: Path) -> None:
    """The summary counts items by kind, what became of them, and what was rejected."""
    everything = source(artist(1), BAD, album(1), track(1, (1, 1), artists=[1]), track(2))
    assert await run(everything, store.write, rejects) == Summary(Outcome(added=4), Counts(1, 1, 2), rejected=1)
    assert await store.counts() == Counts(1, 1, 2)


async def test_a_second_run_changes_nothing(store: MemoryCatalog, rejects: Path) -> None:
    """The same source again adds and updates nothing and leaves the generation alone."""
    first = await run(generated(1_000, 1), store.write, rejects)
    generation = await store.generation()
    again = await run(generated(1_000, 1), store.write, rejects)
    assert again.outcome == Outcome(unchanged=first.items.total)
    assert await store.generation() == generation


async def test_rejects_are_kept_line_by_line(store: MemoryCatalog, rejects: Path) -> None:
    """Each reject is one JSON object, with text that UTF-8 cannot carry escaped."""
    await run(source(BAD, artist(1), WORSE), store.write, rejects)
    assert read(rejects) == [
        {"file": "rows.json", "row": 2, "key": "b", "reason": "It is bad."},
        {"file": "rows.json", "row": 7, "key": "\ud83d", "reason": "It is worse: \ud83d."},
    ]


async def test_a_finished_import_leaves_exactly_its_own_rejects(store: MemoryCatalog, rejects: Path) -> None:
    """Rejects of an earlier run are replaced, and gone when there are none; nothing else is left beside them."""
    await run(source(BAD, WORSE), store.write, rejects)
    await run(source(BAD), store.write, rejects)
    assert len(read(rejects)) == 1
    await run(source(artist(1)), store.write, rejects)
    assert list(rejects.parent.iterdir()) == []


async def test_without_a_reject_no_file_is_made(store: MemoryCatalog, rejects: Path) -> None:
    """A clean import leaves no trace but its items."""
    await run(source(artist(1)), store.write, rejects)
    assert not rejects.parent.exists()


async def test_a_broken_import_leaves_the_rejects_of_the_last_whole_one(store: MemoryCatalog, rejects: Path) -> None:
    """Where writing fails, its error comes through, and neither half a rejects file nor an aside one stays."""

    async def fail(items: Sequence[Item], *, replace: bool = False) -> Outcome:
        raise Unavailable(f"Not now: {len(items)} items, replace={replace}.")

    await run(source(BAD, WORSE), store.write, rejects)
    with pytest.raises(Unavailable, match="Not now"):
        await run(source(BAD, artist(1)), fail, rejects)
    assert len(read(rejects)) == 2
    assert list(rejects.parent.iterdir()) == [rejects]


async def test_rejects_that_cannot_be_written_end_the_import(store: MemoryCatalog, tmp_path: Path) -> None:
    """Losing a reject silently is no choice: the import ends with the path and the reason."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match=r"file/rejects\.jsonl"):
        await run(source(BAD), store.write, tmp_path / "file" / "rejects.jsonl")


async def test_items_come_in_bounded_batches_read_one_at_a_time(rejects: Path) -> None:
    """No batch is larger than the bound, and nothing is read ahead of what is written."""
    given = 0
    batches: list[int] = []

    def entries() -> Iterator[Entry]:
        nonlocal given
        for number in range(2 * BATCH_ENTRIES + 1):
            given += 1
            yield artist(number)

    async def write(items: Sequence[Item], *, replace: bool = False) -> Outcome:
        assert given == sum(batches) + len(items)
        assert not replace
        batches.append(len(items))
        return Outcome(added=len(items))

    await run(Source("", 0, entries), write, rejects)
    assert batches == [BATCH_ENTRIES, BATCH_ENTRIES, 1]


async def test_progress_counts_entries_done(store: MemoryCatalog, rejects: Path) -> None:
    """After each batch progress hears of all entries so far, rejects among them, up to the last."""
    heard: list[int] = []
    many = source(BAD, *(artist(number) for number in range(BATCH_ENTRIES)))
    await run(many, store.write, rejects, progress=heard.append)
    assert list(filter(None, dict.fromkeys(heard))) == [BATCH_ENTRIES, BATCH_ENTRIES + 1]


async def test_progress_of_a_file_counts_its_bytes(store: MemoryCatalog, rejects: Path) -> None:
    """A source that knows how far it has read says so itself."""
    heard: list[int] = []
    file = Source("", 100, lambda: iter([artist(1), BAD]), read=lambda: 77)
    await run(file, store.write, rejects, progress=heard.append)
    assert set(heard) == {77}


async def test_replace_empties_once_with_the_first_batch(store: MemoryCatalog, rejects: Path) -> None:
    """A replacing import leaves what it brings and nothing else, however many batches it has."""
    await store.write([artist(9_999_999)])
    await run(generated(BATCH_ENTRIES * 2, 1), store.write, rejects, replace=True)
    assert await store.get(Reference(Kind.ARTIST, "test:9999999")) is None
    assert (await store.counts()).tracks == BATCH_ENTRIES * 2
