"""The flags that come with Backline."""

import json
from pathlib import Path

import pytest

from services.flags import main
from services.flags.domain.review import review
from services.flags.domain.shipped import SHIPPER, ship, shipped
from services.flags.domain.store import Action, Change, State
from services.flags.store.memory import MemoryFlags
from services.kit.clock import ManualClock
from services.kit.journal import Record
from tests.flags.writing import NOW, canonical, put

SHIPPED = Path(main.__file__).with_name("shipped.json").read_text()


@pytest.fixture
def store() -> MemoryFlags:
    """Return an empty store."""
    return MemoryFlags(ManualClock())


@pytest.mark.parametrize("key", json.loads(SHIPPED)["flags"])
def test_each_would_pass_a_review(key: str) -> None:
    """Without a word: they are written without being asked."""
    definition = json.loads(shipped(SHIPPED, NOW.date())[key])
    found = review(key, definition, State(), NOW.date())
    assert (found.faults, found.warnings) == ((), ())


async def test_they_are_written_to_a_store_that_is_empty(store: MemoryFlags) -> None:
    """With their reason, and in the form in which all are kept; a second start writes nothing."""
    definitions = shipped(SHIPPED, NOW.date())
    for _ in range(2):
        await ship(store, definitions, NOW)
    entries = await store.journal(0)
    assert {entry.record.subject: entry.record.detail for entry in entries} == definitions
    assert {(entry.record.actor, entry.record.reason) for entry in entries} == {(SHIPPER.actor, SHIPPER.reason)}
    assert all(text == canonical(json.loads(text)) for text in definitions.values())


async def test_a_start_that_was_broken_off_is_made_good(store: MemoryFlags) -> None:
    """What is missing is written."""
    first, *rest = shipped(SHIPPED, NOW.date()).items()
    await ship(store, dict([first]), NOW)
    await ship(store, dict([first, *rest]), NOW)
    assert len((await store.state()).flags) == len(rest) + 1
    assert await store.generation() == len(rest) + 1


async def test_a_store_that_anybody_wrote_to_is_theirs(store: MemoryFlags) -> None:
    """Whatever they left out of it."""
    await put(store, "grid")
    await ship(store, shipped(SHIPPED, NOW.date()), NOW)
    assert [*(await store.state()).flags] == ["grid"]


async def test_one_that_was_removed_stays_away(store: MemoryFlags) -> None:
    """Also where whoever removed it bears the name by which they are shipped."""
    definitions = shipped(SHIPPED, NOW.date())
    await ship(store, definitions, NOW)
    removed = next(iter(definitions))
    await store.write(Change(Record(NOW, SHIPPER.actor, Action.REMOVE, removed, "of no use here"), 1))
    await ship(store, definitions, NOW)
    assert (await store.state()).flags.keys() == definitions.keys() - {removed}


def test_shared_rules_come_before_the_flags_that_use_them() -> None:
    """So that no generation in between lacks one."""
    text = json.dumps({"flags": {"a": {"state": "ENABLED"}}, "$evaluators": {"z": {"var": "country"}}})
    definitions = shipped(text, NOW.date())
    assert [*definitions] == ["$evaluators/z", "a"]
    assert definitions["$evaluators/z"] == '{"var":"country"}'
