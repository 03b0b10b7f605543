"""Who is given which generation: one process first, the others one by one, all back at once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import Conflict
from services.search.domain.rollout import Report
from services.search.indexer.rollout import MOST_PROCESSES, End, Outcome, Pace, Rollout

PACE = Pace(canary_s=10, stagger_s=2, expire_s=5)
LIMITED = replace(PACE, limit_s=60)
NAMES = ("search", "search-2", "search-3")


class Fleet:
    """Search processes that poll once a second and serve what they are given, unless told otherwise."""

    def __init__(self, rollout: Rollout, names: tuple[str, ...] = NAMES) -> None:
        self.rollout, self.now = rollout, 0.0
        self.serving = dict.fromkeys(names, "")
        self.refuse: dict[str, str] = {}
        self.stuck: set[str] = set()
        """Those that cannot change what they serve."""
        self.ends: list[End] = []

    def second(self) -> dict[str, str]:
        """Let a second pass and return who serves what at its end."""
        self.now += 1
        for name, serving in self.serving.items():
            refused = self.refuse.get(name, "")
            given = self.rollout.report(Report(name, serving, refused=refused), self.now)
            self.serving[name] = serving if given == refused or name in self.stuck else given
        end = self.rollout.advance(self.now)
        if end:
            self.ends.append(end)
        return dict(self.serving)

    def seconds(self, count: int) -> list[tuple[str, ...]]:
        """Let seconds pass and return what the processes served at the end of each."""
        return [tuple(self.second().values()) for _ in range(count)]


@pytest.fixture
def fleet() -> Fleet:
    """Return three processes that all serve the first generation."""
    fleet = Fleet(Rollout(PACE))
    fleet.rollout.begin("one", 0)
    fleet.second()
    return fleet


def test_the_first_generation_is_everybodys_at_once() -> None:
    """With nothing to lose there is nothing to be careful for."""
    fleet = Fleet(Rollout(PACE))
    assert set(fleet.second().values()) == {""}
    fleet.rollout.begin("one", fleet.now)
    assert set(fleet.second().values()) == {"one"}


def test_one_tries_it_first_and_the_rest_follow_one_by_one(fleet: Fleet) -> None:
    """The lowest name is first; the next comes after the canary's time, each further one after a pause."""
    fleet.rollout.begin("two", fleet.now)
    served = fleet.seconds(20)
    steps = [names for names, before in zip(served, [None, *served], strict=False) if names != before]
    assert steps == [("one", "one", "one"), ("two", "one", "one"), ("two", "two", "one"), ("two", "two", "two")]
    first, second, third = (next(at for at, names in enumerate(served) if names[which] == "two") for which in range(3))
    assert second - first >= PACE.canary_s
    assert third - second == PACE.stagger_s
    assert fleet.ends == [End(Outcome.COMPLETED, "two")]
    assert (fleet.rollout.stable, fleet.rollout.previous, fleet.rollout.target) == ("two", "one", "")


def test_what_the_first_process_refuses_nobody_else_sees(fleet: Fleet) -> None:
    """The rollout stops, the generation is marked, and everybody stays where they were."""
    fleet.refuse["search"] = "two"
    fleet.rollout.begin("two", fleet.now)
    assert set(fleet.seconds(5)) == {("one", "one", "one")}
    (end,) = fleet.ends
    assert (end.outcome, end.generation) == (Outcome.STOPPED, "two")
    assert "search, which tried it first, refused it" in end.reason
    assert fleet.rollout.bad == {"two"}
    assert fleet.rollout.stable == "one"


def test_what_another_process_refuses_is_its_own_affair(fleet: Fleet) -> None:
    """A full disk of one machine does not keep the others from what the canary serves soundly."""
    fleet.refuse["search-2"] = "two"
    fleet.rollout.begin("two", fleet.now)
    assert fleet.seconds(20)[-1] == ("two", "one", "two")
    assert [end.outcome for end in fleet.ends] == [Outcome.COMPLETED]


def test_a_canary_that_restarts_once_tries_again_and_twice_stops_it(fleet: Fleet) -> None:
    """One restart may be anybody's; two in a row are the generation's."""
    fleet.rollout.begin("two", fleet.now)
    for restarts in (1, 2):
        fleet.seconds(4)
        assert fleet.serving["search"] == "two"
        fleet.serving["search"] = ""
        fleet.seconds(1)
        assert len(fleet.ends) == restarts - 1
    assert fleet.ends[0].outcome is Outcome.STOPPED
    assert fleet.seconds(1) == [("one", "one", "one")]


def test_a_rollout_that_gets_nowhere_is_stopped(fleet: Fleet) -> None:
    """A canary that cannot fetch the generation, whatever it waits for, does not keep all later ones waiting for ever.

    What it refuses may also be the delta over it.
    """
    fleet.rollout.pace = LIMITED
    fleet.stuck.update(NAMES)
    fleet.refuse["search"] = "a delta over two"
    fleet.rollout.begin("two", fleet.now)
    fleet.seconds(60)
    assert fleet.ends == []
    fleet.second()
    assert fleet.ends == [End(Outcome.STOPPED, "two", "no process came to serve it in time")]


def test_a_straggler_does_not_keep_a_proven_generation_from_the_rest(fleet: Fleet) -> None:
    """After the limit the rollout is over; who comes later gets the generation as everybody does."""
    fleet.rollout.pace = LIMITED
    fleet.stuck.add("search-3")
    fleet.rollout.begin("two", fleet.now)
    assert fleet.seconds(60)[-1] == ("two", "two", "one")
    assert fleet.ends == []
    fleet.second()
    assert fleet.ends == [End(Outcome.COMPLETED, "two")]
    fleet.stuck.clear()
    assert set(fleet.second().values()) == {"two"}


def test_when_the_canary_leaves_the_next_takes_its_place(fleet: Fleet) -> None:
    """A process that was stopped for good does not stop a rollout."""
    fleet.rollout.begin("two", fleet.now)
    fleet.seconds(3)
    del fleet.serving["search"]
    assert fleet.seconds(40)[-1] == ("two", "two")
    assert fleet.ends == [End(Outcome.COMPLETED, "two")]


def test_without_processes_a_generation_needs_no_canary() -> None:
    """Once nobody can be there, what is new is what the first to come gets."""
    rollout = Rollout(PACE)
    rollout.begin("one", 0)
    rollout.begin("two", 0)
    assert rollout.advance(PACE.expire_s) is None
    assert rollout.advance(PACE.expire_s + 1) == End(Outcome.COMPLETED, "two")
    assert rollout.report(Report("search"), 10) == "two"


def test_a_process_that_comes_in_the_middle_gets_what_is_proven(fleet: Fleet) -> None:
    """A new process serves the stable generation until its turn comes."""
    fleet.rollout.begin("two", fleet.now)
    fleet.seconds(3)
    fleet.serving["search-0"] = ""
    fleet.seconds(1)
    assert fleet.serving == {"search": "two", "search-2": "one", "search-3": "one", "search-0": "one"}
    assert set(fleet.seconds(20)[-1]) == {"two"}


def test_a_rollback_is_everybodys_at_once(fleet: Fleet) -> None:
    """What was served before is back with the next report, and stays."""
    fleet.rollout.begin("two", fleet.now)
    fleet.seconds(20)
    assert fleet.rollout.fallback == "one"
    fleet.rollout.roll_back()
    assert set(fleet.seconds(5)) == {("one", "one", "one")}
    assert fleet.rollout.bad == {"two"}
    with pytest.raises(Conflict, match="no sound generation before"):
        fleet.rollout.roll_back()


def test_a_rollback_in_the_middle_of_a_rollout_ends_it(fleet: Fleet) -> None:
    """Those that have it already go back to what the others still serve."""
    fleet.rollout.begin("two", fleet.now)
    fleet.seconds(14)
    assert "two" in fleet.serving.values()
    fleet.rollout.roll_back()
    assert fleet.seconds(1) == [("one", "one", "one")]


def test_there_is_nothing_before_the_first(fleet: Fleet) -> None:
    """A rollback to nothing is refused."""
    with pytest.raises(Conflict):
        fleet.rollout.roll_back()


def test_what_was_bad_may_be_rolled_out_again_by_hand(fleet: Fleet) -> None:
    """Whoever asks for it by name gets it, through a canary like any other."""
    fleet.rollout.begin("two", fleet.now)
    fleet.seconds(20)
    fleet.rollout.roll_back()
    fleet.rollout.begin("two", fleet.now)
    assert fleet.rollout.bad == set()
    assert fleet.seconds(20)[-1] == ("two", "two", "two")


def test_processes_are_bounded(fleet: Fleet) -> None:
    """Reports of made-up processes fill no memory; those that are known go on, and one too many is served, too."""
    rollout = fleet.rollout
    for number in range(MOST_PROCESSES - len(NAMES)):
        rollout.report(Report(f"made-up-{number}"), 1)
    assert rollout.report(Report("one-too-many"), 1) == "one"
    assert len(rollout.seen) == MOST_PROCESSES
    assert rollout.report(Report("search", "one"), 1) == "one"
    rollout.advance(1 + PACE.expire_s + 1)
    assert rollout.seen == {}


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["serve", "refuse", "restart", "silent"])), max_size=60)
)
def test_nobody_is_given_what_was_marked_bad(events: list[tuple[str, str]]) -> None:
    """Whatever processes do, what one is given is the stable generation or the one under way, never a bad one."""
    rollout = Rollout(PACE)
    rollout.begin("one", 0)
    rollout.begin("two", 0)
    serving = dict.fromkeys(NAMES, "one")
    for now, (name, what) in enumerate(events, start=1):
        if what == "silent":
            continue
        if what == "restart":
            serving[name] = ""
        given_ = rollout.report(Report(name, serving[name], refused="two" if what == "refuse" else ""), now)
        assert given_ in {rollout.stable, rollout.target} - {""}
        assert given_ not in rollout.bad
        if what == "serve":
            serving[name] = given_
        rollout.advance(now)
