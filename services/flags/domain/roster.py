"""The roster: who is handed definitions here, and what each of them has made of them.

A process of ours is known by its service and name. It says what it has applied; whoever falls silent without a goodbye
stays on the roster for ten minutes, since it may well be alive and serve what it was last told.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

from services.flags.domain.pulse import Pulse
from services.kit.errors import Exhausted

SILENT_FOR_GOOD_S = 600.0
MOST_PROCESSES = 1_000
MOST_REFUSAL_CHARS = 200


class Name(NamedTuple):
    """Whose roster entry it is."""

    service: str
    process: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A process of ours, or a stream of somebody else's, as it is shown."""

    process: str
    service: str = ""
    """Empty for what is not ours."""
    applied: int = 0
    """The generation that it has applied; 0 where it has not said."""
    refused: str = ""
    """Why it has refused a later one; empty where it has not."""
    connected: bool = True
    silent_s: float = 0.0
    """Seconds since it last said something."""

    @property
    def name(self) -> Name:
        """By what it is known."""
        return Name(self.service, self.process)


@dataclass(frozen=True, slots=True)
class Listing:
    """All who are subscribed."""

    processes: tuple[Subscriber, ...] = ()
    """Ours, by name."""
    foreign: tuple[Subscriber, ...] = ()
    """Streams of others, which never say what they have applied."""

    def waiting(self, generation: int) -> tuple[Subscriber, ...]:
        """Return our processes that have not said that they have applied the generation."""
        return tuple(each for each in self.processes if each.applied < generation)


@dataclass(slots=True)
class _Known:
    """What a process has said, and how many streams it holds open: two for a moment when it comes back."""

    heard_s: float
    applied: int = 0
    refused: str = ""
    streams: int = 0


class Roster:
    """Those who are served by this process, and what other servers of the same store say of theirs.

    `news` beats with every change.
    """

    def __init__(self, monotonic: Callable[[], float], settle_s: float = 0.0) -> None:
        self._monotonic = monotonic
        self._settled_at_s = monotonic() + settle_s
        self._known: dict[Name, _Known] = {}
        self._foreign: dict[str, int] = {}
        self._elsewhere: tuple[Listing, ...] = ()
        self._learned_s = monotonic()
        self.news = Pulse()

    @property
    def settled(self) -> bool:
        """Whether everyone has had the time to come back since this server started."""
        return self._monotonic() >= self._settled_at_s

    @contextmanager
    def subscribed(self, name: Name, applied: int) -> "Iterator[Subscription]":
        """List a process as connected for as long as its stream is open. Raises Exhausted where there are too many."""
        known = self._entry(name)
        known.applied, known.refused = applied, ""
        known.streams += 1
        self.news.beat()
        try:
            yield Subscription(self, name)
        finally:
            known.streams -= 1
            known.heard_s = self._monotonic()
            self.news.beat()

    @contextmanager
    def foreign(self, name: str) -> Iterator[None]:
        """List somebody else's stream for as long as it is open."""
        self._foreign[name] = self._foreign.get(name, 0) + 1
        self.news.beat()
        try:
            yield
        finally:
            self._foreign[name] -= 1
            if not self._foreign[name]:
                del self._foreign[name]
            self.news.beat()

    def asked(self, name: Name, applied: int) -> None:
        """Take note of a process that asks for what is new. Raises Exhausted where there are too many."""
        known = self._entry(name)
        # Beside a stream it may be late news: what was said there has come since.
        known.applied = max(known.applied, applied) if known.streams else applied
        self.news.beat()

    def say(self, name: Name, applied: int, refused: str = "") -> None:
        """Take note of what a process has made of a generation."""
        known = self._entry(name)
        known.applied, known.refused = applied, refused[:MOST_REFUSAL_CHARS]
        self.news.beat()

    def leave(self, name: Name) -> None:
        """Take a process off the roster: nobody has to wait for it any more."""
        self._known.pop(name, None)
        self.news.beat()

    def learn(self, elsewhere: Iterable[Listing]) -> None:
        """Take note of who is served by the other servers of this store."""
        learned = tuple(elsewhere)
        self._learned_s = self._monotonic()
        if learned != self._elsewhere:
            self._elsewhere = learned
            self.news.beat()

    def here(self) -> Listing:
        """Return who is served by this process."""
        now = self._monotonic()
        for name in [name for name, known in self._known.items() if _is_gone(known, now)]:
            del self._known[name]
        processes = (
            Subscriber(name.process, name.service, known.applied, known.refused, known.streams > 0, now - known.heard_s)
            for name, known in sorted(self._known.items())
        )
        foreign = (Subscriber(name) for name, streams in sorted(self._foreign.items()) for _ in range(streams))
        return Listing(tuple(processes), tuple(foreign))

    def everywhere(self) -> Listing:
        """Return who is served by any server of this store, each once: as that server has it that heard of it last."""
        age_s = self._monotonic() - self._learned_s
        listings = [self.here(), *(_aged(listing, age_s) for listing in self._elsewhere)]
        latest: dict[Name, Subscriber] = {}
        for each in sorted((each for listing in listings for each in listing.processes), key=_freshness):
            latest[each.name] = each
        foreign = sorted((each for listing in listings for each in listing.foreign), key=lambda each: each.name)
        return Listing(tuple(latest[name] for name in sorted(latest)), tuple(foreign))

    def _entry(self, name: Name) -> _Known:
        """Return what is known of a process, heard of now."""
        known = self._known.get(name)
        if known is None:
            self._make_room()
            known = self._known[name] = _Known(self._monotonic())
        known.heard_s = self._monotonic()
        return known

    def _make_room(self) -> None:
        if len(self._known) < MOST_PROCESSES:
            return
        silent = [(known.heard_s, name) for name, known in self._known.items() if not known.streams]
        if not silent:
            raise Exhausted(f"{MOST_PROCESSES} processes are all that this server keeps apart.", retry_after_s=10)
        del self._known[min(silent)[1]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """One open stream of a process of ours."""

    roster: Roster
    name: Name

    def say(self, applied: int, refused: str) -> None:
        """Take note of what the process has made of a generation."""
        self.roster.say(self.name, applied, refused)

    def leave(self) -> None:
        """Take it off the roster."""
        self.roster.leave(self.name)


def _is_gone(known: _Known, now_s: float) -> bool:
    return not known.streams and now_s - known.heard_s > SILENT_FOR_GOOD_S


def _aged(listing: Listing, age_s: float) -> Listing:
    """Return what was learned so long ago as it is by now."""
    processes = (replace(each, silent_s=each.silent_s + age_s) for each in listing.processes)
    return Listing(tuple(processes), listing.foreign)


def _freshness(subscriber: Subscriber) -> tuple[bool, float]:
    """Order from old news to new: a server that holds a process's stream knows best."""
    return subscriber.connected, -subscriber.silent_s
