"""The administration: what writes, kills and restores lead to, whatever wire they come over."""

import asyncio
import json
from dataclasses import dataclass

import pytest

from services.flags.domain.administration import Administration, Killed, Progress
from services.flags.domain.head import Head
from services.flags.domain.roster import Name, Roster
from services.flags.domain.store import Action, Change, Held
from services.flags.store.memory import MemoryFlags
from services.kit.author import Author
from services.kit.clock import ManualClock
from services.kit.errors import Conflict, Invalid, NotFound, Unavailable
from services.kit.journal import Entry, Record, verify
from tests.flags.writing import canonical, head_over, put, switch

OPS = Author("ops", "a test")
SEEN = [{"client_type": "tv"}, {"client_type": "car"}, {"client_type": "tv", "country": "SE"}]
GRID = json.dumps(switch(on=True))
SHARED = "$evaluators/insiders"


@dataclass
class Desk:
    """Administration over a store in memory, and what is beneath it."""

    store: MemoryFlags
    roster: Roster
    administration: Administration
    clock: ManualClock

    def definition(self, key: str = "grid") -> str:
        """Return what is in force."""
        return self.administration.get(key).definition

    async def reports(self, generation: int) -> list[Progress]:
        """Return all reports on a generation."""
        return [progress async for progress in self.administration.confirmed(generation)]


@pytest.fixture
def desk() -> Desk:
    """Return a desk over an empty store."""
    clock = ManualClock()
    store, roster = MemoryFlags(clock), Roster(clock.monotonic)
    head = Head(store, lambda: clock.now().timestamp())
    administration = Administration(store, head, roster, lambda: SEEN, clock.now)
    return Desk(store, roster, administration, clock)


async def test_a_flag_is_written_in_one_form(desk: Desk) -> None:
    """Whatever the order and spaces that it came with; who, why and when are in the journal."""
    generation, _ = await desk.administration.put("grid", json.dumps(switch(on=True), indent=2), 0, OPS)
    assert desk.definition() == canonical(switch(on=True))
    (entry,) = [entry async for entry in desk.administration.history()]
    assert (entry.sequence, entry.record.actor, entry.record.reason) == (generation, "ops", "a test")
    assert (entry.record.action, entry.record.subject, entry.record.at) == ("put", "grid", desk.clock.now())


async def test_a_write_expects_what_it_has_read(desk: Desk) -> None:
    """Of two who change the same version, the second is told, and nothing is lost."""
    first, _ = await desk.administration.put("grid", GRID, 0, OPS)
    second, _ = await desk.administration.put("grid", json.dumps(switch(on=False)), first, OPS)
    for expected in (0, first, second + 1):
        with pytest.raises(Conflict):
            await desk.administration.put("grid", GRID, expected, OPS)
    assert desk.definition() == canonical(switch(on=False))


@pytest.mark.parametrize("key", ["", "Grid", "a b", ".grid", "x" * 101, "$evaluators/", "$evaluators/A", "grid\n"])
async def test_odd_keys_are_refused(desk: Desk, key: str) -> None:
    """A key can be read, typed, and is one word of a path."""
    with pytest.raises(Invalid, match="A key is"):
        await desk.administration.put(key, GRID, 0, OPS)


@pytest.mark.parametrize(
    "definition",
    [
        "",
        "[]",
        "null",
        "{",
        '{"state": NaN}',
        '{"state": 1, "state": 2}',
        '{"x": 1e999}',
        '{"x": "\\ud800"}',
        '{"x":' * 50_000,
        '{"x": ' + "9" * 5_000 + "}",
    ],
)
async def test_what_is_no_definition_to_every_reader_is_refused(desk: Desk, definition: str) -> None:
    """Nothing is written that another reader of JSON would read as something else, or not at all."""
    with pytest.raises(Invalid, match=r"\$: "):
        await desk.administration.put("grid", definition, 0, OPS)
    assert await desk.store.generation() == 0


async def test_a_kill_disables_and_a_restore_ends_it(desk: Desk) -> None:
    """All else of the definition stays as it was."""
    await desk.administration.put("grid", GRID, 0, OPS)
    killed = await desk.administration.kill("grid", OPS)
    assert desk.definition() == canonical(switch(on=True, state="DISABLED"))
    assert killed == Killed(2, desk.clock.now(), unchanged=False)
    assert await desk.administration.restore("grid", OPS, 2) == 3
    assert desk.definition() == canonical(switch(on=True))
    entries = [entry async for entry in desk.administration.history("grid")]
    assert [entry.record.action for entry in entries] == ["put", "kill", "restore"]
    assert verify(entries) == 3


async def test_a_kill_that_is_repeated_changes_nothing(desk: Desk) -> None:
    """Also one that still expects the version from before the first: it asks for what has been done."""
    await desk.administration.put("grid", GRID, 0, OPS)
    first = await desk.administration.kill("grid", OPS, 1)
    desk.clock.advance(5)
    for expected in (None, 1, 2):
        again = await desk.administration.kill("grid", OPS, expected)
        assert again == Killed(first.generation, first.committed_at, unchanged=True)
    assert await desk.store.generation() == 2


async def test_a_kill_may_expect_a_version(desk: Desk) -> None:
    """Whoever says which one is not taken to mean another."""
    await desk.administration.put("grid", GRID, 0, OPS)
    with pytest.raises(Conflict):
        await desk.administration.kill("grid", OPS, 7)
    assert desk.definition() == canonical(switch(on=True))


async def test_a_kill_takes_what_another_server_wrote_meanwhile(desk: Desk) -> None:
    """Nothing that this server has not heard of yet is undone by it."""
    await desk.administration.put("grid", GRID, 0, OPS)
    await put(desk.store, "grid", on=False)
    await desk.administration.kill("grid", OPS)
    assert desk.definition() == canonical(switch(on=False, state="DISABLED"))


async def test_what_is_not_killed_is_not_restored(desk: Desk) -> None:
    """The caller thinks of another flag, or was late."""
    await desk.administration.put("grid", GRID, 0, OPS)
    with pytest.raises(Conflict, match="not killed"):
        await desk.administration.restore("grid", OPS, 1)


async def test_only_flags_are_killed(desk: Desk) -> None:
    """A shared rule has no state, and what is not there cannot be switched off."""
    await put(desk.store, "$evaluators/in-cars", rule={"==": [{"var": "client_type"}, "car"]})
    with pytest.raises(Invalid, match="shared rule"):
        await desk.administration.kill("$evaluators/in-cars", OPS)
    with pytest.raises(NotFound, match="grid"):
        await desk.administration.kill("grid", OPS)


async def test_a_kill_is_confirmed_by_every_process(desk: Desk) -> None:
    """Reports go on until the last one has applied it, or said goodbye; streams of others never say."""
    await desk.administration.put("grid", GRID, 0, OPS)
    names = [Name("search", f"search-{number}") for number in range(3)]
    with desk.roster.foreign("flagd sync"), desk.roster.subscribed(names[0], 1), desk.roster.subscribed(names[1], 1):
        desk.roster.asked(names[2], 1)
        killed = await desk.administration.kill("grid", OPS)
        async with asyncio.TaskGroup() as group:
            reports = group.create_task(desk.reports(killed.generation))
            await asyncio.sleep(0)
            desk.roster.said(names[0], killed.generation)
            desk.roster.said(names[1], killed.generation - 1, "its checksum does not fit")
            await asyncio.sleep(0)
            assert not reports.done()
            desk.roster.said(names[1], killed.generation)
            desk.roster.leave(names[2])
    first, last = reports.result()[0], reports.result()[-1]
    assert ([each.name for each in first.waiting], first.applied) == (names, 0)
    assert ([each.name for each in last.waiting], last.applied) == ([], 2)
    assert [each.process for each in last.unconfirmable] == ["flagd sync"]


async def test_a_kill_just_after_a_start_is_not_taken_for_confirmed(desk: Desk) -> None:
    """Whoever was connected before the server started has yet to come back."""
    desk.administration.roster = Roster(desk.clock.monotonic, settle_s=15)
    await put(desk.store, "grid")
    killed = await desk.administration.kill("grid", OPS)
    reports = desk.administration.confirmed(killed.generation)
    assert (await anext(reports)).waiting == ()
    desk.clock.advance(15)
    assert (await anext(reports)).waiting == ()
    with pytest.raises(StopAsyncIteration):
        await anext(reports)


async def test_nothing_is_written_by_a_store_that_its_callers_are_ahead_of(desk: Desk) -> None:
    """Until somebody adopts it: then it goes on above all that was ever shown."""
    administration = desk.administration
    await administration.put("grid", GRID, 0, OPS)
    await administration.head.check(Held(9, "elsewhere"), "search search-1")
    for write in (
        administration.put("grid", GRID, 1, OPS),
        administration.kill("grid", OPS),
        administration.kill("grid", OPS, 1),
    ):
        with pytest.raises(Conflict, match="search search-1 has applied generation 9"):
            await write
    assert await administration.adopt(Author("ops", "the backup of tonight")) == 10
    assert administration.head.refuses == ""
    assert (await administration.kill("grid", OPS)).generation == 11
    assert verify([entry async for entry in administration.history()]) == 3


async def test_there_has_to_be_something_to_adopt(desk: Desk) -> None:
    """A generation that is given up for nothing would only unsettle."""
    with pytest.raises(Conflict, match="nothing to adopt"):
        await desk.administration.adopt(OPS)


async def test_an_explanation_is_of_a_flag_that_is_there(desk: Desk) -> None:
    """It says what is decided, step by step; neither an absent flag nor a context that is none is explained."""
    rule = {"if": [{"==": [{"var": "client_type"}, "tv"]}, "on", "off"]}
    await desk.administration.put("grid", json.dumps(switch(on=False, targeting=rule)), 0, OPS)
    explanation = desk.administration.explain("grid", '{"client_type": "tv"}')
    assert explanation.decision.value is True
    with pytest.raises(NotFound):
        desk.administration.explain("other", "{}")
    for context in ("[]", "{", '{"x": "' + "x" * 10_000 + '"}'):
        with pytest.raises(Invalid):
            desk.administration.explain("grid", context)


async def test_a_trial_writes_nothing(desk: Desk) -> None:
    """It says whom of the recent contexts a definition would reach, in words too, and how many would notice."""
    await desk.administration.put("grid", json.dumps(switch(on=False)), 0, OPS)
    rule = {"if": [{"==": [{"var": "client_type"}, "tv"]}, "on", "off"]}
    trial = await desk.administration.try_out("grid", json.dumps(switch(on=False, targeting=rule)))
    assert (trial.run.contexts, trial.run.changed) == (3, 2)
    assert {each.variant: each.contexts for each in trial.run.reached} == {"on": 2, "off": 1}
    assert "client type is tv: on" in trial.rule
    unchanged = await desk.administration.try_out("grid")
    assert (unchanged.run.changed, unchanged.run.reached[0].variant) == (0, "off")
    assert await desk.store.generation() == 1


async def test_every_fault_is_told_at_once(desk: Desk) -> None:
    """With its place in the definition, on trial as at the write."""
    faulty = json.dumps({**switch(on=True), "defaultVariant": "maybe", "metadata": {}})
    for attempt in (desk.administration.put("grid", faulty, 0, OPS), desk.administration.try_out("grid", faulty)):
        with pytest.raises(Invalid) as refused:
            await attempt
        places = [line.partition(": ")[0] for line in str(refused.value).splitlines()]
        assert {"$.defaultVariant", "$.metadata.owner", "$.metadata.expires"} <= {*places}
        assert refused.value.field == places[0]
    assert await desk.store.generation() == 0


async def test_a_server_that_stops_says_so_to_who_waits(desk: Desk) -> None:
    """A kill that is not confirmed does not end as one that is."""
    await put(desk.store, "grid")
    with desk.roster.subscribed(Name("search", "search-1"), 1):
        killed = await desk.administration.kill("grid", OPS)
        reports = desk.administration.confirmed(killed.generation)
        assert (await anext(reports)).applied == 0
        desk.administration.head.end()
        with pytest.raises(Unavailable, match="stands"):
            await anext(reports)


async def test_a_kill_is_not_confirmed_by_who_has_another_store_s_generations(desk: Desk) -> None:
    """Its number is higher, and says nothing about this flag: neither a new kill nor a repeated one is confirmed."""
    await put(desk.store, "grid")
    with desk.roster.subscribed(Name("search", "search-1"), 1), desk.roster.subscribed(Name("search", "ahead"), 9):
        killed = await desk.administration.kill("grid", OPS)
        reports = desk.administration.confirmed(killed.generation)
        await anext(reports)
        await desk.administration.head.check(Held(9, "elsewhere"), "search ahead")
        with pytest.raises(Conflict, match="ahead"):
            await anext(reports)
        with pytest.raises(Conflict, match="ahead"):
            await desk.administration.kill("grid", OPS)


class Crowded(MemoryFlags):
    """A store to which another server writes just before this one does, so many times."""

    between = 0

    async def write(self, change: Change) -> Entry:
        """Write what the other one writes, then the change."""
        if self.between:
            self.between -= 1
            await super().write(Change(Record(change.record.at, "ops", Action.REMOVE, SHARED, "unused"), None))
        return await super().write(change)


async def test_a_write_is_reviewed_with_what_another_server_wrote_meanwhile(desk: Desk) -> None:
    """A shared rule that goes between a flag's review and its write is missed at the next review, not in a service."""
    store = desk.administration.store = Crowded(desk.clock)
    desk.administration.head = await head_over(store)
    await put(store, SHARED, rule={"==": [{"var": "country"}, "SE"]})
    store.between = 1
    uses = switch(on=True, targeting={"if": [{"$ref": "insiders"}, "on", "off"]})
    with pytest.raises(Invalid, match="insiders"):
        await desk.administration.put("grid", json.dumps(uses), 0, OPS)
    assert "grid" not in (await store.state()).flags


async def test_a_write_among_many_others_says_so_in_the_end(desk: Desk) -> None:
    """One write in between costs another review; where there is always one, the caller hears of it."""
    store = desk.administration.store = Crowded(desk.clock)
    desk.administration.head = await head_over(store)
    await put(store, SHARED, rule={"==": [{"var": "country"}, "SE"]})
    store.between = 1
    generation, _ = await desk.administration.put("grid", GRID, 0, OPS)
    assert (await store.state()).flags["grid"].version == generation
    store.between = 100
    with pytest.raises(Conflict, match="Others write flags at this moment"):
        await desk.administration.put("shelf", GRID, 0, OPS)
