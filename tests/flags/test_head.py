"""The head: what is in force follows the store, and a caller from another line of it is noticed."""

import asyncio
import json

import pytest

from services.flags.domain.head import MOST_AHEAD
from services.flags.domain.store import Held
from services.flags.store.memory import MemoryFlags
from services.kit.clock import ManualClock
from services.kit.errors import Invalid, Unavailable
from tests.flags.fickle import Fickle
from tests.flags.writing import adoption, head_over, put, switch


async def test_what_is_written_is_in_force_after_a_look() -> None:
    """The document is the whole set, and evaluates."""
    store = MemoryFlags(ManualClock())
    head = await head_over(store)
    entry = await put(store, "grid", on=True)
    await put(store, "$evaluators/in-cars", rule={"==": [{"var": "client_type"}, "car"]})
    await head.look()
    document = head.document
    assert document.held == Held(2, (await store.journal(1))[0].hash) != Held(1, entry.hash)
    assert json.loads(document.definitions).keys() == {"flags", "$evaluators", "metadata"}
    assert document.snapshot.evaluate("grid", {}).value is True
    assert document.committed_at == (await store.state()).committed_at


async def test_a_generation_wakes_whoever_waits_for_it() -> None:
    """A waiter for a later one goes on waiting; the end lets everyone go."""
    store = MemoryFlags(ManualClock())
    head = await head_over(store)
    async with asyncio.TaskGroup() as group:
        first, second = (group.create_task(head.until_after(generation)) for generation in (0, 1))
        await put(store, "grid", on=True)
        await head.look()
        await first
        assert not second.done()
        head.end()
        await second


async def test_a_caller_from_a_later_state_of_the_store_is_noticed() -> None:
    """A store restored from a backup hands out nothing until it goes on above what callers have."""
    store = MemoryFlags(ManualClock())
    head = await head_over(store)
    await put(store, "grid", on=True)
    await head.check(Held(7, "of-another-line"), "search-1")
    assert "search-1 has applied generation 7" in head.refuses
    await adoption(store, at_least=8)
    await head.look()
    assert (head.refuses, head.document.held.generation) == ("", 8)
    await head.check(Held(7, "of-another-line"), "search-2")
    assert head.refuses == ""


@pytest.mark.parametrize("generation", [1, 2])
async def test_a_caller_whose_hash_is_another_is_noticed(generation: int) -> None:
    """Two stores that parted have the same numbers for other writes."""
    store = MemoryFlags(ManualClock())
    head = await head_over(store)
    for _ in range(2):
        await put(store, "grid", on=True)
    await head.look()
    await head.check(Held(generation, "of-another-line"), "edge")
    assert head.refuses


async def test_a_restore_beneath_a_server_that_runs_is_noticed() -> None:
    """By itself: it need not wait for a caller to come back with what it handed out."""
    store = Fickle()
    head = await head_over(store)
    await put(store, "grid")
    store.back_up()
    await put(store, "grid")
    await head.look()
    store.restore_backup()
    await head.look()
    assert "this server has applied generation 2" in head.refuses
    await adoption(store, at_least=3)
    await head.look()
    assert head.refuses == ""


async def test_a_number_that_no_store_came_to_is_no_sign() -> None:
    """An adoption would go on above it, and after a few of those there were no numbers left."""
    head = await head_over(MemoryFlags(ManualClock()))
    with pytest.raises(Invalid):
        await head.check(Held(MOST_AHEAD + 1, "made up"), "odd")
    assert head.refuses == ""
    await head.check(Held(MOST_AHEAD, "elsewhere"), "search-1")
    assert head.refuses


async def test_a_caller_is_of_our_line_though_this_process_is_late() -> None:
    """Another server of the store may have handed out a generation, or an adoption, that is news here."""
    store = MemoryFlags(ManualClock())
    head = await head_over(store)
    entry = await put(store, "grid", on=True)
    await head.check(Held(), "new")
    await head.check(Held(1, entry.hash), "early")
    assert head.refuses == ""
    await adoption(store, at_least=30)
    await head.check(Held(20, "from before the adoption"), "old")
    assert head.refuses == ""


async def test_the_strongest_sign_counts() -> None:
    """An adoption below what one caller has shown is not enough."""
    store = MemoryFlags(ManualClock())
    head = await head_over(store)
    for generation in (9, 5):
        await head.check(Held(generation, "elsewhere"), f"process-{generation}")
    await adoption(store, at_least=6)
    await head.look()
    assert "process-9 has applied generation 9" in head.refuses


async def test_what_has_not_changed_is_not_compiled_again() -> None:
    """A flag stays the one that it was; where a shared rule changes, all that use it change too."""
    store = MemoryFlags(ManualClock())
    head = await head_over(store)
    await put(store, "$evaluators/tv", rule={"==": [{"var": "client_type"}, "tv"]})
    await put(store, "grid", rule=switch(on=False, targeting={"if": [{"$ref": "tv"}, "on"]}))
    await put(store, "voice")
    await head.look()
    before = head.document.snapshot
    await put(store, "voice", on=False)
    await head.look()
    assert head.document.snapshot.flags["grid"] is before.flags["grid"]
    assert [head.document.snapshot.evaluate("voice", {}).value, before.evaluate("voice", {}).value] == [False, True]
    await put(store, "$evaluators/tv", rule={"==": [{"var": "client_type"}, "car"]})
    await head.look()
    seen = [head.document.snapshot.evaluate("grid", {"client_type": kind}).value for kind in ("car", "tv")]
    assert (seen, [*head.document.snapshot.flags]) == ([True, False], ["grid", "voice"])


async def test_a_store_that_falls_silent_is_no_reason_to_hand_out_nothing() -> None:
    """To who is behind; who may be ahead is told to come back."""
    store = Fickle()
    head = await head_over(store)
    await put(store, "grid")
    await put(store, "grid")
    await head.look()
    store.silent = True
    await head.check(Held(1, "not to be checked now"), "behind")
    await head.check(head.document.held, "current")
    with pytest.raises(Unavailable):
        await head.check(Held(3, "not to be checked now"), "ahead")
    assert head.refuses == ""
