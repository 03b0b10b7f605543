"""The roster: who is handed definitions here, and what each of them has made of them.

A process of ours is known by its service and name. It says what it has applied; whoever falls silent without a goodbye
stays on the roster for ten minutes, since it may well be alive and serve what it was last told. That holds for those of
another server too, when it falls silent itself. Whoever says goodbye to one server has left them all.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
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
    left: bool = False
    """Whether that was a goodbye: then it is shown to other servers only, which may have heard of it before."""

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

    def aged(self, age_s: float) -> "Listing":
        """Return what was true so long ago as far as it is known now."""
        return Listing(tuple(replace(each, silent_s=each.silent_s + age_s) for each in self.processes), self.foreign)


@dataclass(slots=True)
class _Known:
    """What a process has said, and how many streams it holds open: two for a moment when it comes back."""

    heard_at_s: float
    applied: int = 0
    refused: str = ""
    streams: int = 0
    left: bool = False

    def is_gone(self, now_s: float) -> bool:
        """Whether it has been silent for so long that nobody waits for it any more."""
        return not self.streams and now_s - self.heard_at_s > SILENT_FOR_GOOD_S

    def shown(self, name: Name, now_s: float) -> Subscriber:
        """Return it as it is shown."""
        silent_s = now_s - self.heard_at_s
        return Subscriber(name.process, name.service, self.applied, self.refused, self.streams > 0, silent_s, self.left)


@dataclass(frozen=True, slots=True)
class _Learned:
    """What another server has said of those whom it serves, and when that was news here."""

    listing: Listing
    at_s: float


class Roster:
    """Those who are served by this process, and what other servers of the same store say of theirs.

    `changed` beats with every change among those served here, `news` with every change at all.
    """

    def __init__(self, monotonic: Callable[[], float], settle_s: float = 0.0) -> None:
        self._monotonic = monotonic
        self._settled_at_s = monotonic() + settle_s
        self._known: dict[Name, _Known] = {}
        self._foreign: Counter[str] = Counter()
        self._elsewhere: dict[str, _Learned] = {}
        self.changed, self.news = Pulse(), Pulse()

    @property
    def settled(self) -> bool:
        """Whether everyone has had the time to come back since this server started."""
        return self._monotonic() >= self._settled_at_s

    @contextmanager
    def subscribed(self, name: Name, applied: int) -> Iterator[None]:
        """List a process as connected for as long as its stream is open. Raises Exhausted where there are too many."""
        known = self._heard(name)
        known.streams += 1
        known.applied, known.refused = applied, ""
        self._beat()
        try:
            yield
        finally:
            known.streams -= 1
            known.heard_at_s = self._monotonic()
            self._beat()

    @contextmanager
    def foreign(self, name: str) -> Iterator[None]:
        """List somebody else's stream for as long as it is open."""
        self._foreign[name] += 1
        self._beat()
        try:
            yield
        finally:
            self._foreign[name] -= 1
            self._foreign += Counter()  # drops what is at zero
            self._beat()

    def asked(self, name: Name, applied: int) -> None:
        """Take note of a process that asks for what is new. Raises Exhausted where there are too many."""
        known = self._heard(name)
        # Beside a stream it may be late: what has been said there since counts.
        counts = max(known.applied, applied) if known.streams else applied
        if counts != known.applied:
            known.applied = counts
            self._beat()

    def said(self, name: Name, applied: int, refused: str = "") -> None:
        """Take note of what a process has made of a generation."""
        known = self._heard(name)
        known.applied, known.refused = applied, refused[:MOST_REFUSAL_CHARS]
        self._beat()

    def leave(self, name: Name) -> None:
        """Take a process off the roster: nobody has to wait for it any more, unless its successor is here already."""
        known = self._known.get(name)
        if known and known.streams <= 1:
            # Forgotten only in time, like the silent: another server may have heard of it a moment before.
            known.left, known.heard_at_s = True, self._monotonic()
            self._beat()

    def learn(self, elsewhere: Mapping[str, Listing]) -> None:
        """Take note of who is served by the other servers of this store, by server."""
        now, before = self._monotonic(), self._elsewhere
        self._elsewhere = {server: _learned(listing, now, before.get(server)) for server, listing in elsewhere.items()}
        for server in before.keys() - elsewhere.keys():
            self._inherit(before[server], now)
        if before or elsewhere:  # one server alone has no such news
            self.news.beat()

    def here(self) -> Listing:
        """Return who is served by this process, and who has left it."""
        now = self._monotonic()
        self._known = {name: known for name, known in self._known.items() if not known.is_gone(now)}
        processes = (known.shown(name, now) for name, known in sorted(self._known.items()))
        foreign = (Subscriber(name) for name in sorted(self._foreign.elements()))
        return Listing(tuple(processes), tuple(foreign))

    def everywhere(self) -> Listing:
        """Return who is served by any server of this store, each process once, as the server knows it that knows best.

        That is the one which holds its stream, and of several, or none, the one that heard of it last.
        """
        now = self._monotonic()
        listings = [self.here(), *(each.listing.aged(now - each.at_s) for each in self._elsewhere.values())]
        best: dict[Name, Subscriber] = {}
        for each in sorted((each for listing in listings for each in listing.processes), key=_freshness):
            best[each.name] = each
        foreign = sorted((each for listing in listings for each in listing.foreign), key=lambda each: each.process)
        return Listing(tuple(best[name] for name in sorted(best) if not best[name].left), tuple(foreign))

    def _inherit(self, learned: _Learned, now_s: float) -> None:
        """Keep those of a server that has fallen silent, as silent too, until they are heard of again."""
        for each in learned.listing.aged(now_s - learned.at_s).processes:
            heard_at_s, known = now_s - each.silent_s, self._known.get(each.name)
            if len(self._known) < MOST_PROCESSES and (known is None or self._is_older(known, heard_at_s)):
                self._known[each.name] = _Known(heard_at_s, each.applied, each.refused, left=each.left)

    @staticmethod
    def _is_older(known: _Known, heard_at_s: float) -> bool:
        return not known.streams and known.heard_at_s < heard_at_s

    def _heard(self, name: Name) -> _Known:
        """Return what is known of a process, heard of now."""
        known, now = self._known.get(name), self._monotonic()
        if known is None:
            self._make_room()
            known = self._known[name] = _Known(now)
            self._beat()
        if known.left:
            known.left = False
            self._beat()
        known.heard_at_s = now
        return known

    def _make_room(self) -> None:
        if len(self._known) < MOST_PROCESSES:
            return
        silent = [(not known.left, known.heard_at_s, name) for name, known in self._known.items() if not known.streams]
        if not silent:
            raise Exhausted(f"{MOST_PROCESSES} processes are all that this server keeps apart.", retry_after_s=10)
        del self._known[min(silent)[-1]]

    def _beat(self) -> None:
        self.changed.beat()
        self.news.beat()


def _learned(listing: Listing, now_s: float, before: _Learned | None) -> _Learned:
    """Return what a server says; said in the same words as before, it was news then."""
    return before if before is not None and before.listing == listing else _Learned(listing, now_s)


def _freshness(subscriber: Subscriber) -> tuple[bool, float, bool]:
    return subscriber.connected, -subscriber.silent_s, subscriber.left
