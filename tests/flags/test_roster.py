"""The roster: who is served, here and by the store's other servers, and what each has applied."""

import asyncio
from contextlib import ExitStack

import pytest

from services.flags.domain.head import Shown
from services.flags.domain.roster import (
    MOST_PROCESSES,
    MOST_REFUSAL_CHARS,
    SILENT_FOR_GOOD_S,
    Listing,
    Name,
    Roster,
    Subscriber,
)
from services.flags.domain.rosters import Shared, elsewhere
from services.kit.clock import ManualClock
from services.kit.errors import Exhausted

ONE, OTHER = Name("search", "search-1"), Name("search", "search-2")


def applied(roster: Roster) -> dict[str, int]:
    """Return what each process has applied."""
    return {each.process: each.applied for each in roster.everywhere().processes}


def test_a_process_is_listed_with_what_it_says() -> None:
    """What it has at first, what it has applied since, and what it has refused, in bounds."""
    clock = ManualClock()
    roster = Roster(clock.monotonic)
    with roster.subscribed(ONE, 3):
        assert applied(roster) == {"search-1": 3}
        roster.said(ONE, 4, "x" * 1_000)
        clock.advance(2)
        (shown,) = roster.everywhere().processes
        assert shown == Subscriber("search-1", "search", 4, "x" * MOST_REFUSAL_CHARS, connected=True, silent_s=2)
        assert roster.everywhere().waiting(5) == (shown,)
        assert roster.everywhere().waiting(4) == ()


def test_who_falls_silent_stays_for_ten_minutes() -> None:
    """It may well be alive and serve what it was last told."""
    clock = ManualClock()
    roster = Roster(clock.monotonic)
    with roster.subscribed(ONE, 3):
        clock.advance(10 * SILENT_FOR_GOOD_S)
        assert applied(roster) == {"search-1": 3}
    clock.advance(SILENT_FOR_GOOD_S)
    assert [each.connected for each in roster.everywhere().processes] == [False]
    clock.advance(1)
    assert roster.everywhere() == Listing()


def test_who_says_goodbye_is_gone() -> None:
    """But not where its successor of the same name is here already."""
    roster = Roster(ManualClock().monotonic)
    with roster.subscribed(ONE, 3):
        roster.leave(ONE)
    assert applied(roster) == {}
    with roster.subscribed(ONE, 3), roster.subscribed(ONE, 5):
        roster.leave(ONE)
        assert applied(roster) == {"search-1": 5}


def test_a_process_that_comes_back_counts_by_what_it_has_then() -> None:
    """It may have lost what it had: nothing is confirmed by what it said before."""
    roster = Roster(ManualClock().monotonic)
    with roster.subscribed(ONE, 7):
        pass
    with roster.subscribed(ONE, 2):
        assert applied(roster) == {"search-1": 2}


def test_a_poll_tells_of_those_without_a_stream_and_is_late_news_beside_one() -> None:
    """A poll that was sent before an acknowledgement, and arrives behind it, takes nothing back."""
    roster = Roster(ManualClock().monotonic)
    roster.asked(OTHER, 6)
    roster.asked(OTHER, 4)
    with roster.subscribed(ONE, 5):
        roster.said(ONE, 6)
        roster.asked(ONE, 5)
        assert applied(roster) == {"search-1": 6, "search-2": 4}
        roster.asked(ONE, 7)
        assert applied(roster) == {"search-1": 7, "search-2": 4}


def test_streams_of_others_are_listed_one_by_one() -> None:
    """Two of one name are two."""
    roster = Roster(ManualClock().monotonic)
    with roster.foreign("flagd sync"):
        with roster.foreign("flagd sync"), roster.foreign("a client"):
            names = [each.process for each in roster.everywhere().foreign]
            assert names == ["a client", "flagd sync", "flagd sync"]
        assert [each.process for each in roster.everywhere().foreign] == ["flagd sync"]
    assert roster.everywhere() == Listing()


def test_names_are_bounded() -> None:
    """Those who are silent make room, the longest silent first; those who are connected do not."""
    clock = ManualClock()
    roster = Roster(clock.monotonic)
    roster.asked(ONE, 1)
    clock.advance(1)
    with ExitStack() as streams:
        for number in range(MOST_PROCESSES - 2):
            streams.enter_context(roster.subscribed(Name("edge", f"edge-{number}"), 1))
        roster.asked(OTHER, 1)
        streams.enter_context(roster.subscribed(Name("edge", "one more"), 1))
        assert {"search-2", "one more"} < applied(roster).keys()
        assert "search-1" not in applied(roster)
        streams.enter_context(roster.subscribed(Name("edge", "and another"), 1))
        with pytest.raises(Exhausted):
            roster.asked(Name("edge", "too many"), 1)
    assert len(applied(roster)) == MOST_PROCESSES


def test_servers_know_of_each_other_s_processes() -> None:
    """A process counts as the server has it that holds its stream; else as the one that heard of it last."""
    clock = ManualClock()
    here, there = Roster(clock.monotonic), Roster(clock.monotonic)
    here.asked(ONE, 4)
    with there.subscribed(ONE, 5), there.foreign("a client"):
        there.asked(OTHER, 1)
        clock.advance(1)
        here.asked(ONE, 4)
        here.asked(OTHER, 2)
        said = Shared(there.here(), Shown(9, "edge-1")).encoded()
        shared = elsewhere({"here": "not read", "there": said, "older": '{"listing": 1}', "odd": "{"}, "here")
        here.learn({server: each.listing for server, each in shared.items()})
        assert applied(here) == {"search-1": 5, "search-2": 2}
        assert [each.process for each in here.everywhere().foreign] == ["a client"]
        assert {server: each.shown for server, each in shared.items()} == {"there": Shown(9, "edge-1")}


def test_what_was_learned_grows_older() -> None:
    """Silence that another server told of goes on, however often its last words are read."""
    clock = ManualClock()
    roster = Roster(clock.monotonic)
    said = {"there": Listing((Subscriber("search-1", "search", 3, silent_s=2.0),))}
    for _ in range(3):
        roster.learn(said)
        clock.advance(1)
    assert [each.silent_s for each in roster.everywhere().processes] == [5.0]


def test_those_of_a_server_that_falls_silent_are_waited_for() -> None:
    """They may live and serve what they were last told, wherever they go; those that come back are what they are."""
    clock = ManualClock()
    here, there = Roster(clock.monotonic), Roster(clock.monotonic)
    with there.subscribed(ONE, 5), there.subscribed(OTHER, 5), there.subscribed(Name("edge", "edge"), 5):
        here.learn({"there": there.here()})
        clock.advance(15)
    with here.subscribed(OTHER, 7):
        here.learn({})
        assert applied(here) == {"edge": 5, "search-1": 5, "search-2": 7}
        assert [each.process for each in here.everywhere().waiting(6)] == ["edge", "search-1"]
        assert {each.process: each.connected for each in here.everywhere().processes}["search-1"] is False
        with here.subscribed(ONE, 7):
            here.leave(ONE)
        assert applied(here) == {"edge": 5, "search-2": 7}
        clock.advance(SILENT_FOR_GOOD_S)
        assert applied(here) == {"search-2": 7}


def test_a_goodbye_to_one_server_is_one_to_all() -> None:
    """A process polls one server and has its stream at another: when it stops, nobody waits for it anywhere."""
    clock = ManualClock()
    here, there = Roster(clock.monotonic), Roster(clock.monotonic)
    here.asked(ONE, 5)
    clock.advance(2)
    with there.subscribed(ONE, 5):
        there.leave(ONE)
    here.learn({"there": there.here()})
    assert applied(here) == applied(there) == {}
    clock.advance(1)
    here.asked(ONE, 6)
    assert applied(here) == {"search-1": 6}, "its successor is here"


async def test_only_changes_here_are_to_be_shared() -> None:
    """What others share is news, but sharing it on would never end."""
    roster, changed, news = Roster(ManualClock().monotonic), asyncio.Event(), asyncio.Event()
    with roster.changed.stirring(changed), roster.news.stirring(news):
        roster.learn({})
        assert (changed.is_set(), news.is_set()) == (False, False)
        roster.learn({"there": Listing()})
        assert (changed.is_set(), news.is_set()) == (False, True)
        roster.asked(ONE, 1)
        assert changed.is_set()
        changed.clear()
        roster.asked(ONE, 1)
        assert not changed.is_set()


def test_a_roster_is_settled_after_a_while() -> None:
    """Until then whoever was connected before this server started may be missing."""
    clock = ManualClock()
    roster = Roster(clock.monotonic, settle_s=15)
    clock.advance(14)
    assert not roster.settled
    clock.advance(1)
    assert roster.settled
