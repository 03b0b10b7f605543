"""What the edge asks of flags for each request, as a table, and what they have decided for one visitor.

Each question has an answer of the code's own, which holds where flags say nothing that will do: where there is no such
flag, where it was switched off, and where its value is of another kind or out of bounds. For what belongs to a view it
is in the table of views, by the type of client.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from services.edge.domain.views import Layout, View, view_of
from services.kit.context import Caller, ClientType
from services.kit.flags.attributes import TARGETING_KEY, attributes
from services.kit.flags.decision import Reason
from services.kit.flags.flag import Choice, Flag
from services.kit.flags.snapshot import Kind, Snapshot

T = TypeVar("T")

_ANYONE = view_of(ClientType.UNKNOWN)
_VIEW = tuple(field.name for field in fields(View))


class Decisions(NamedTuple):
    """What flags say for one visitor: taken together, and the same for the whole of a request."""

    layout: Choice[Layout]
    results: Choice[int]
    tracks: Choice[int]
    suggestions: Choice[int]
    examples: Choice[int]
    explicit: Choice[bool]
    artwork_px: Choice[int]
    ranker: Choice[str]
    """The name of what orders results; empty for search to choose."""
    suggest_paused: Choice[bool]
    """Whether completions are given up for now, so that search has more time for searches."""

    @property
    def of_view(self) -> Mapping[str, Choice[Any]]:
        """Those that make up a view, by its fields."""
        return {name: getattr(self, name) for name in _VIEW}

    @property
    def travelling(self) -> list[Choice[Any]]:
        """Those that a later hop has to know, as far as a variant was chosen."""
        return [self.ranker] if self.ranker.variant else []


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """One question to flags."""

    flag: Flag[T]
    read: Callable[[T], T]
    """Returns a value of the right kind as the code has it. Raises ValueError for one that will not do."""


def _whole(key: str, default: int, at_least: int, at_most: int) -> Question[int]:
    def read(value: int) -> int:
        if not at_least <= value <= at_most:
            raise ValueError(f"a whole number from {at_least} to {at_most}")
        return value

    return Question(Flag(key, Kind.INTEGER, default), read)


def _yes_or_no(key: str, *, default: bool) -> Question[bool]:
    return Question(Flag(key, Kind.BOOLEAN, default), bool)


QUESTIONS: Mapping[str, Question[Any]] = MappingProxyType(
    {
        "layout": Question(Flag("view-layout", Kind.STRING, _ANYONE.layout), Layout),
        "results": _whole("view-results", _ANYONE.results, 1, 50),
        "tracks": _whole("view-tracks", _ANYONE.tracks, 1, 100),
        "suggestions": _whole("view-suggestions", _ANYONE.suggestions, 0, 20),
        "examples": _whole("view-examples", _ANYONE.examples, 0, 50),
        "explicit": _yes_or_no("view-explicit", default=_ANYONE.explicit),
        "artwork_px": _whole("view-artwork-px", _ANYONE.artwork_px, 16, 1024),
        "ranker": Question(Flag("search-ranker", Kind.STRING, ""), str),
        "suggest_paused": _yes_or_no("suggest-paused", default=False),
    }
)
"""By the field of Decisions that has the answer."""


class Flags(Protocol):
    """Decides. A snapshot is another object once anything about flags has changed."""

    @property
    def snapshot(self) -> Snapshot:
        """The flags in force."""
        ...

    def choose(self, flag: Flag[T], context: Mapping[str, Any], otherwise: T | None = None) -> Choice[T]:
        """Return what the flag says for the context, or else this value, or the flag's own default. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Decider:
    """Answers the questions by the flags of one moment, and knows which answers may be kept.

    Most rules look at the program alone, so that one answer does for all who use it.
    """

    flags: Flags
    snapshot: Snapshot
    shared: Sequence[str]
    """Questions whose answers hold for everyone with the same program."""
    own: Sequence[str]
    """All others."""
    timed: bool
    """Whether one of those may be answered otherwise a moment later."""

    @classmethod
    def of(cls, flags: Flags) -> "Decider":
        """Make one for the flags in force."""
        snapshot = flags.snapshot
        read = {name: snapshot.flags.get(question.flag.key) for name, question in QUESTIONS.items()}
        timed = [name for name, flag in read.items() if flag and flag.uses_time]
        own = [name for name, flag in read.items() if flag and (flag.uses_time or TARGETING_KEY in flag.attributes)]
        return cls(flags, snapshot, tuple(read.keys() - own), tuple(own), timed=bool(timed))

    def for_program(self, caller: Caller) -> Mapping[str, Choice[Any]]:
        """Return the answers that hold for everyone with this program."""
        return self._answers(self.shared, caller)

    def for_person(self, of_program: Mapping[str, Choice[Any]], caller: Caller) -> Decisions:
        """Return all answers for the person, given those for the program."""
        return Decisions(**of_program, **self._answers(self.own, caller))

    def _answers(self, names: Sequence[str], caller: Caller) -> Mapping[str, Choice[Any]]:
        if not names:
            return {}
        context, view = attributes(caller), view_of(caller.client_type)
        return {name: self._answer(QUESTIONS[name], context, getattr(view, name, None)) for name in names}

    def _answer(self, question: Question[T], context: Mapping[str, Any], otherwise: T | None) -> Choice[T]:
        choice = self.flags.choose(question.flag, context, otherwise)
        try:
            return choice._replace(value=question.read(choice.value))
        except ValueError:
            value = question.flag.default if otherwise is None else otherwise
            return Choice(question.flag.key, value, "", Reason.ERROR)
