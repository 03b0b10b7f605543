"""The life of the index: what is published, what is refused, what is kept, and what happens when something breaks."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from services.kit.clock import ManualClock
from services.kit.errors import Conflict, Invalid, NotFound, Unavailable
from services.kit.journal import verify
from services.search.clients.catalog import MemoryCatalogue
from services.search.domain.document import Kind
from services.search.domain.export import Export, Reference, Row
from services.search.domain.rollout import Assignment, Report
from services.search.index.build import Unwritable
from services.search.index.generations import Generation, names, survey
from services.search.index.pointer import FILE_NAME, read_pointer
from services.search.indexer.due import Patience
from services.search.indexer.journal import JournalFile
from services.search.indexer.operator import Operator
from services.search.indexer.orders import Order
from services.search.indexer.rollout import Pace
from tests.search.indexer.indexing import PATIENT, ROWS, Indexing, track

WHY = Order("ops", "a test")
MOONS = [f"inv:t{number}" for number in range(5)]


async def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened; the test's own time limit ends the wait."""
    while not happened():  # noqa: ASYNC110 - looked at from outside
        await asyncio.sleep(0.01)


@pytest.fixture
def indexing(tmp_path: Path) -> Indexing:
    """Return an indexer over a small catalogue."""
    return Indexing(
        tmp_path / "index", Lossy(7, [*ROWS, *(track(number, "Glass Harbour") for number in range(100, 150))])
    )


@pytest.fixture
def operator(indexing: Indexing, tmp_path: Path) -> Operator:
    """Return what takes orders for it."""
    return Operator(indexing.cycle, JournalFile(tmp_path), indexing.clock)


def again(indexing: Indexing) -> Indexing:
    """Return the indexer as its next process has it: the same folder and catalogue, and nothing in memory."""
    return Indexing(indexing.folder, indexing.catalogue, indexing.patience, indexing.pace, clock=indexing.clock)


async def built(indexing: Indexing, operator: Operator) -> str:
    """Have a whole index built and rolled out, and return its name."""
    number = await operator.build(WHY)
    await finished(indexing, number)
    assert indexing.cycle.last.outcome == "published", indexing.cycle.last
    await served(indexing, indexing.cycle.last.generation)
    return indexing.cycle.last.generation


async def finished(indexing: Indexing, number: int) -> None:
    """Wait until so many builds are over."""
    await until(lambda: indexing.cycle.last.number >= number)


async def served(indexing: Indexing, generation: str) -> None:
    """Report for a search process, which serves whatever it is assigned, until that generation is everybody's."""
    serving = ""
    while indexing.cycle.rollout.stable != generation or serving != generation:
        serving = indexing.assigned(serving=serving).generation
        await asyncio.sleep(0.01)


async def test_the_first_index_is_published_and_written_down(indexing: Indexing) -> None:
    """What is assigned can be searched, and the pointer says so for whoever starts without the indexer."""
    async with indexing.running():
        assigned = indexing.assigned()
        assert indexing.found("moon") == MOONS
        await until(lambda: read_pointer(indexing.folder).current == assigned.generation)
    assert assigned.keep == {assigned.generation}
    assert indexing.heard.outcomes == ["published"]


async def test_a_restart_builds_nothing_and_knows_what_has_changed(indexing: Indexing) -> None:
    """The index that is there serves, with a delta of what happened in between, before anybody is told of it."""
    async with indexing.running():
        first = indexing.assigned().generation
        await until(lambda: read_pointer(indexing.folder).current == first)
    await indexing.catalogue.change(track(7), removed=[Reference(Kind.TRACK, "inv:t2")])
    next_process = again(indexing)
    async with next_process.running():
        assert next_process.assigned().generation == first
        assert next_process.found("moon") == ["inv:t0", "inv:t1", "inv:t3", "inv:t4", "inv:t7"]
    assert next_process.heard.outcomes == []


async def test_a_rebuild_folds_the_delta_in(indexing: Indexing, operator: Operator) -> None:
    """After it the same is found without a delta, the old base and its delta stay for a rollback, older ones go."""
    async with indexing.running() as cycle:
        first = indexing.assigned().generation
        await indexing.catalogue.change(track(7))
        await until(lambda: bool(indexing.assigned().delta))
        second = await built(indexing, operator)
        assert indexing.assigned().delta == ""
        assert indexing.found("moon") == [*MOONS, "inv:t7"]
        assert {first, second} < indexing.assigned().keep
        third = await built(indexing, operator)
        await until(lambda: {name for name in names(indexing.folder) if name.startswith("gen")} == {second, third})
        assert cycle.rollout.previous == second


async def test_what_changes_while_an_index_is_built_is_in_its_delta_from_the_start(
    indexing: Indexing, operator: Operator
) -> None:
    """An item that is taken down during the build does not come back with the new generation, not for a moment."""
    gone = Reference(Kind.TRACK, "inv:t2")
    async with indexing.running():
        indexing.spoil = Interrupted(indexing, gone)
        await built(indexing, operator)
        assert "inv:t2" not in indexing.found("moon")
        assert indexing.assigned().delta


class Interrupted:
    """Takes an item down just after an index was built that has it; the catalogue tells a little later."""

    def __init__(self, indexing: Indexing, gone: Reference) -> None:
        self._indexing, self._gone = indexing, gone
        self._task: asyncio.Task[None] | None = None

    def __call__(self, candidate: Generation) -> Generation:
        """Begin the takedown."""
        loop = asyncio.get_running_loop()
        self._task = loop.create_task(self._indexing.catalogue.change(removed=[self._gone]))
        return candidate


async def test_a_rebuild_comes_when_changes_have_waited_long_enough(tmp_path: Path) -> None:
    """Nobody asks: the clock does."""
    clock, patience = ManualClock(), Patience(rebuild_s=900, quiet_s=1, patience_s=60)
    indexing = Indexing(tmp_path, MemoryCatalogue(7, ROWS), patience, clock=clock)
    async with indexing.running():
        await indexing.catalogue.change(track(7))
        await until(lambda: bool(indexing.assigned().delta))
        assert indexing.heard.outcomes == ["published"]
        clock.advance(901)
        await until(lambda: len(indexing.heard.outcomes) == 2)


@pytest.mark.parametrize("reset", [True, False])
async def test_more_than_a_delta_holds_is_built_anew(tmp_path: Path, *, reset: bool) -> None:
    """A large import, or another catalogue, is there in full after one rebuild."""
    indexing = Indexing(tmp_path, MemoryCatalogue(7, ROWS), most_rows=10)
    async with indexing.running():
        await indexing.catalogue.change(*(track(number, "Storm") for number in range(100, 150)), reset=reset)
        await until(lambda: len(indexing.heard.outcomes) == 2)
        await served(indexing, indexing.cycle.rollout.newest)
        assert len(indexing.found("storm")) == 50
        assert bool(indexing.found("moon")) is not reset


class Lossy(MemoryCatalogue):
    """A catalogue of whose export every fifth row is lost on the way, once it is told to."""

    losing = False

    @asynccontextmanager
    async def export(self, known_generation: int) -> AsyncGenerator[Export, None]:
        """Open an export that carries less than it announces."""
        async with MemoryCatalogue.export(self, known_generation) as export:
            yield replace(export, chunks=self._some(export)) if self.losing else export

    async def _some(self, export: Export) -> AsyncGenerator[Sequence[Row], None]:
        async for rows in export.chunks:
            yield [row for number, row in enumerate(rows) if number % 5]


def lossy(indexing: Indexing) -> None:
    """Lose a fifth of the rows from now on."""
    assert isinstance(indexing.catalogue, Lossy)
    indexing.catalogue.losing = True


def damaged(candidate: Generation) -> Generation:
    """Change a byte of the index."""
    content = bytearray(candidate.path("index.db").read_bytes())
    content[len(content) // 2] ^= 1
    candidate.path("index.db").write_bytes(content)
    return candidate


def corrupting(indexing: Indexing) -> None:
    """Damage what is built from now on."""
    indexing.spoil = damaged


@pytest.mark.parametrize(("spoil", "gates"), [(lossy, ["export_rows", "previous_rows"]), (corrupting, ["checksum"])])
async def test_what_a_gate_refuses_is_not_served(
    indexing: Indexing, operator: Operator, spoil: Callable[[Indexing], None], gates: list[str]
) -> None:
    """The old one serves on, the reason is told, and what was refused is put aside: the last one only."""
    async with indexing.running() as cycle:
        first = indexing.assigned().generation
        spoil(indexing)
        for _ in range(2):
            number = await operator.build(WHY)
            await finished(indexing, number)
            assert cycle.last.outcome == "refused"
            assert cycle.last.sentences
        assert indexing.heard.gates == gates * 2
        assert indexing.assigned().generation == first
        assert indexing.assigned().keep == {first}
        assert names(indexing.folder) == [first]
        refused = survey(indexing.folder / ".refused")
        assert [each.name for each in refused.usable] == [cycle.last.generation]


async def test_an_override_is_recorded_and_publishes_what_was_refused(
    indexing: Indexing, operator: Operator, tmp_path: Path
) -> None:
    """Somebody takes it upon themselves, by name and with a reason."""
    async with indexing.running():
        lossy(indexing)
        number = await operator.build(WHY)
        await finished(indexing, number)
        with pytest.raises(NotFound):
            await operator.publish(Order("ops", "wrong one", "gen-20260101T000000Z-00000000", override=True))
        name = await operator.publish(Order("ops", "we sold that label", override=True))
        await served(indexing, name)
    entries = JournalFile(tmp_path).entries()
    assert verify(entries) == 2
    assert [(entry.record.action, entry.record.actor, entry.record.reason) for entry in entries] == [
        ("build", "ops", "a test"),
        ("override", "ops", "we sold that label"),
    ]


async def test_damage_is_not_for_overriding(indexing: Indexing, operator: Operator) -> None:
    """Judgement may differ; a checksum may not."""
    async with indexing.running():
        indexing.spoil = damaged
        number = await operator.build(WHY)
        await finished(indexing, number)
        with pytest.raises(Conflict, match="checksum"):
            await operator.publish(Order("ops", "it looks fine", override=True))


async def test_a_rollback_holds_back_what_is_new_and_survives_a_restart(
    indexing: Indexing, operator: Operator, tmp_path: Path
) -> None:
    """What was rolled back is not served again by itself: not by a restart, not by a change, until somebody asks."""
    async with indexing.running():
        first = indexing.assigned().generation
        second = await built(indexing, operator)
        await indexing.catalogue.change(removed=[Reference(Kind.TRACK, "inv:t2")])
        await until(lambda: "inv:t2" not in indexing.found("moon"))
        assert await operator.roll_back(Order("ops", "strange results")) == first
        assert indexing.assigned("search", second).generation == first
        await until(lambda: "inv:t2" not in indexing.found("moon"))  # the old base knows of takedowns since
        await until(lambda: bool(read_pointer(indexing.folder).held))
    next_process = again(indexing)
    operator = Operator(next_process.cycle, JournalFile(tmp_path), next_process.clock)
    async with next_process.running() as cycle:
        assert next_process.assigned().generation == first
        assert "strange results" in cycle.held
        assert "inv:t2" not in next_process.found("moon")
        third = await built(next_process, operator)
        assert cycle.held == ""
        assert next_process.assigned().generation == third


async def test_a_build_that_was_under_way_at_a_rollback_is_held_back_too(
    indexing: Indexing, operator: Operator
) -> None:
    """It would undo what somebody has just decided; it stays where it can be published by name."""
    async with indexing.running() as cycle:
        first = indexing.assigned().generation
        await built(indexing, operator)
        may_end = asyncio.Event()
        indexing.pause = may_end.wait
        number = await operator.build(WHY)
        await until(lambda: bool(cycle.building))
        await operator.roll_back(Order("ops", "strange results"))
        may_end.set()
        await finished(indexing, number)
        assert (cycle.last.outcome, indexing.assigned().generation) == ("failed", first)
        assert "strange results" in cycle.last.sentences[0]
        assert cycle.rollout.target == ""
        third = max(names(indexing.folder))
        assert await operator.publish(replace(WHY, generation=third)) == third
        await served(indexing, third)


async def test_who_cannot_leave_an_old_index_still_hears_of_takedowns(indexing: Indexing, operator: Operator) -> None:
    """However many generations later, what it serves is followed for as long as it says so."""
    async with indexing.running() as cycle:
        first, newest = indexing.assigned("search").generation, ""
        serving = first

        def as_it_is() -> Assignment:
            return cycle.assignment(Report("stuck", first, refused=newest))

        for _ in range(3):
            await finished(indexing, await operator.build(WHY))
            newest = cycle.last.generation
            while read_pointer(indexing.folder).current != newest:
                serving = indexing.assigned("search", serving).generation
                as_it_is()
                await asyncio.sleep(0.01)
        await indexing.catalogue.change(removed=[Reference(Kind.TRACK, "inv:t2")])
        await until(lambda: bool(as_it_is().meanwhile))
        assert as_it_is().generation == newest
        assert "inv:t2" not in indexing.found("moon", Assignment(first, as_it_is().meanwhile))


async def test_a_delta_that_is_being_fetched_stays(indexing: Indexing) -> None:
    """Over a slow line the next deltas come before the first is there; whoever fetches it still gets its files."""
    async with indexing.running() as cycle:
        await indexing.catalogue.change(track(7))
        await until(lambda: bool(indexing.assigned().delta))
        fetched = indexing.assigned().delta
        cycle.fetched(fetched)
        for number in range(10, 14):
            before = indexing.assigned().delta
            await indexing.catalogue.change(track(number))
            while read_pointer(indexing.folder).delta in ("", before):  # noqa: ASYNC110 - looked at from outside
                await asyncio.sleep(0.01)
        await until(lambda: len([name for name in names(indexing.folder) if name.startswith("delta")]) == 3)
        assert fetched in names(indexing.folder)


async def test_a_clock_that_was_far_ahead_does_not_put_rebuilds_off(tmp_path: Path) -> None:
    """An index that seems to come from the future is rebuilt as soon as it has been followed for long enough."""
    clock = ManualClock()
    clock.advance(365 * 24 * 3600)
    ahead = Indexing(tmp_path, MemoryCatalogue(7, ROWS), clock=clock)
    async with ahead.running():
        await until(lambda: bool(read_pointer(tmp_path).current))
    clock, patience = ManualClock(), Patience(rebuild_s=900, quiet_s=1, patience_s=60)
    indexing = Indexing(tmp_path, ahead.catalogue, patience, clock=clock)
    async with indexing.running():
        await indexing.catalogue.change(track(7))
        await until(lambda: bool(indexing.assigned().delta))
        clock.advance(901)
        await until(lambda: indexing.heard.outcomes == ["published"])


async def test_one_that_is_here_is_rolled_out_by_name(indexing: Indexing, operator: Operator) -> None:
    """What was rolled back can be brought back; a delta, a stranger and nothing at all cannot."""
    async with indexing.running():
        await built(indexing, operator)
        second = indexing.cycle.rollout.stable
        await indexing.catalogue.change(track(7))
        await until(lambda: bool(indexing.assigned().delta))
        await operator.roll_back(WHY)
        assert await operator.publish(replace(WHY, generation=second)) == second
        await served(indexing, second)
        with pytest.raises(Invalid, match="is a delta"):
            await operator.publish(replace(WHY, generation=indexing.assigned().delta))
        with pytest.raises(NotFound):
            await operator.publish(replace(WHY, generation="gen-20260101T000000Z-00000000"))
        with pytest.raises(Invalid, match="Which generation"):
            await operator.publish(WHY)


async def test_an_order_that_cannot_be_recorded_is_not_followed(indexing: Indexing, tmp_path: Path) -> None:
    """No rollback without its reason on disk."""
    operator = Operator(indexing.cycle, JournalFile(tmp_path / "nowhere"), indexing.clock)
    async with indexing.running() as cycle:
        with pytest.raises(Unavailable):
            await operator.build(WHY)
        assert not cycle.asked


async def test_a_canary_that_refuses_keeps_everybody_where_they_are(indexing: Indexing, operator: Operator) -> None:
    """The generation is marked, and a restart does not try it again."""
    indexing.cycle.rollout.pace = Pace(canary_s=60, stagger_s=0, expire_s=60)
    async with indexing.running() as cycle:
        first = indexing.assigned().generation
        number = await operator.build(WHY)
        await finished(indexing, number)
        second = cycle.last.generation
        await until(lambda: cycle.assignment(Report("search", first)).generation == second)
        cycle.assignment(Report("search", first, refused=second))
        await until(lambda: "stopped" in indexing.heard.ends)
        assert indexing.assigned().generation == first
        await until(lambda: read_pointer(indexing.folder).bad == (second,))
        await indexing.catalogue.change(track(7))
        await until(lambda: read_pointer(indexing.folder).delta != "")
        assert second in names(indexing.folder)  # to be looked at
    next_process = again(indexing)
    async with next_process.running() as cycle:
        assert next_process.assigned().generation == first
        assert (cycle.rollout.target, cycle.rollout.bad) == ("", {second})


async def test_a_rollout_that_was_cut_short_goes_on_after_a_restart(indexing: Indexing, operator: Operator) -> None:
    """A new process tries what the one before had begun, through a canary as before."""
    indexing.pace = indexing.cycle.rollout.pace = Pace(canary_s=60, stagger_s=0, expire_s=60)
    async with indexing.running() as cycle:
        first = indexing.assigned().generation
        number = await operator.build(WHY)
        await finished(indexing, number)
        second = cycle.last.generation
        await until(lambda: read_pointer(indexing.folder).next == second)
    next_process = again(indexing)
    async with next_process.running() as cycle:
        await until(lambda: cycle.rollout.target == second)
        assert cycle.rollout.stable == first


def unreadable(folder: Path, name: str) -> None:
    """Spoil a manifest."""
    (folder / name / "manifest.json").write_text("{")


def truncated(folder: Path, name: str) -> None:
    """Cut each of the arrays and databases short."""
    for path in (folder / name).iterdir():
        if path.name != "manifest.json":
            path.write_bytes(path.read_bytes()[:-7])


def of_the_future(folder: Path, name: str) -> None:
    """Give it a format that nobody knows yet."""
    manifest = folder / name / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format_version": ', '"format_version": 99'))


@pytest.mark.parametrize("spoil", [unreadable, truncated, of_the_future])
async def test_a_spoilt_index_gives_way_to_the_one_before(
    indexing: Indexing, operator: Operator, spoil: Callable[[Path, str], None]
) -> None:
    """A restart serves the newest that is sound, whatever the pointer says."""
    async with indexing.running():
        first = indexing.assigned().generation
        second = await built(indexing, operator)
        await until(lambda: read_pointer(indexing.folder).current == second)
    spoil(indexing.folder, second)
    next_process = again(indexing)
    async with next_process.running():
        assert next_process.assigned().generation == first


async def test_without_a_pointer_the_newest_serves(indexing: Indexing, operator: Operator) -> None:
    """The pointer may be lost; what it says is a matter of rollbacks only."""
    async with indexing.running():
        second = await built(indexing, operator)
    (indexing.folder / FILE_NAME).unlink(missing_ok=True)
    next_process = again(indexing)
    async with next_process.running():
        assert next_process.assigned().generation == second


async def test_a_clock_that_went_back_changes_no_order(indexing: Indexing, tmp_path: Path) -> None:
    """What is built later is newer, also for the next process."""
    async with indexing.running():
        first = indexing.assigned().generation
        await until(lambda: read_pointer(indexing.folder).current == first)
    behind = Indexing(indexing.folder, indexing.catalogue, clock=ManualClock())
    async with behind.running():
        second = await built(behind, Operator(behind.cycle, JournalFile(tmp_path), behind.clock))
    assert second > first


async def test_a_full_disk_leaves_the_old_index_in_service(indexing: Indexing, operator: Operator) -> None:
    """A build that cannot be written is tried again later, and told."""
    async with indexing.running() as cycle:
        first = indexing.assigned().generation
        lock = indexing.folder / ".whole" / ".lock"
        lock.unlink()
        lock.mkdir()
        number = await operator.build(WHY)
        await finished(indexing, number)
        assert cycle.last.outcome == "failed"
        assert "cannot be written" in cycle.last.sentences[0]
        assert indexing.assigned().generation == first
        lock.rmdir()
        await built(indexing, operator)


async def test_a_disk_that_takes_no_pointer_changes_nothing_served(indexing: Indexing, operator: Operator) -> None:
    """What cannot be written down is served all the same."""
    (indexing.folder / FILE_NAME).mkdir(parents=True)
    async with indexing.running():
        second = await built(indexing, operator)
        assert indexing.assigned().generation == second


async def test_until_there_is_a_catalogue_the_first_build_is_tried_again(tmp_path: Path) -> None:
    """Whatever comes first, catalog or indexer: in the end there is an index."""
    indexing, failures = Indexing(tmp_path, MemoryCatalogue(7, ROWS), PATIENT), [1, 2]

    def spoil(candidate: Generation) -> Generation:
        if failures:
            raise Unwritable(f"Try {failures.pop()} more.")
        return candidate

    indexing.spoil = spoil
    with pytest.raises(Unavailable, match="No index has been published"):
        indexing.assigned()
    async with indexing.running():
        assert indexing.found("moon") == MOONS
        await until(lambda: indexing.heard.outcomes == ["failed", "failed", "published"])
