"""What keeps the flags: every write is an entry of the journal, and its place there is the generation that it makes.

Adapters are in services/flags/store; one contract suite runs over all of them.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.kit.errors import Conflict, Invalid
from services.kit.journal import Entry, Record, linked

MAX_GENERATION = 2**53 - 1
"""That a store counts to, since readers of JSON may know no larger whole number."""


class Action(StrEnum):
    """What can be done to a flag, as the journal has it."""

    PUT = "put"
    KILL = "kill"
    RESTORE = "restore"
    REMOVE = "remove"
    """The flag is gone; its key can be given anew, and its entries stay."""
    ADOPT = "adopt"
    """Of the store itself: to go on from a state that is older than what its callers have applied."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A flag, or a rule that flags share, as it is kept."""

    definition: str
    """JSON in flagd's format, its keys in order, without spaces."""
    version: int
    """The generation of its last change."""
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A generation, and which of those with its number: two stores that parted have different hashes for one number."""

    generation: int = 0
    """0 for none."""
    hash: str = ""
    """The hash of its entry in the journal."""


@dataclass(frozen=True, slots=True)
class State:
    """All that is in force; made of nothing, what is where nothing was ever written."""

    held: Held = Held()
    committed_at: datetime | None = None
    """When the generation was written; None where nothing ever was."""
    flags: Mapping[str, Kept] = field(default_factory=dict)
    """By key; that of a shared rule begins with "$evaluators/"."""
    adopted: int = 0
    """The generation of the last adoption: what callers hold from before it counts no more."""


class Moved(Conflict):
    """Others have written since a change was reviewed: it has to be reviewed again."""


@dataclass(frozen=True, slots=True)
class Change:
    """One write. `record` has the key as its subject and the definition that it leads to, if any, as its detail."""

    record: Record
    expected_version: int | None
    """The version that the flag has to have, 0 for none; None for whichever there is."""
    at_least: int = 1
    """The generation that it may not stay below: an adoption goes on above all that is known elsewhere."""
    reviewed_at: int | None = None
    """The generation that it was reviewed with, which has to be in force still; None where only the flag matters."""

    def entry(self, last: Entry | None, version: int) -> Entry:
        """Return the entry that makes the change, behind the last one, of a flag that has this version (0 for none).

        Raises Conflict where the flag has another version than expected, Moved where it was reviewed with another
        generation, and Invalid where no store can count so far.
        """
        if self.expected_version not in {None, version}:
            is_now = f"is at version {version}" if version else "is not there"
            raise Conflict(f"{self.record.subject} {is_now}, and this change is made for {self.expected_version}.")
        if self.reviewed_at not in {None, last.sequence if last else 0}:
            raise Moved("Others write flags at this moment; try again.")
        entry = linked(last, self.record, self.at_least)
        if entry.sequence > MAX_GENERATION:
            raise Invalid(f"There is no generation above {MAX_GENERATION}.")
        return entry


def applied(state: State, entry: Entry) -> State:
    """Return the state that the entry leads to."""
    record, held = entry.record, Held(entry.sequence, entry.hash)
    if record.action == Action.ADOPT:
        return State(held, record.at, state.flags, adopted=entry.sequence)
    if record.action == Action.REMOVE:
        others = {key: kept for key, kept in state.flags.items() if key != record.subject}
        return State(held, record.at, others, state.adopted)
    kept = Kept(record.detail, entry.sequence, record.at)
    return State(held, record.at, {**state.flags, record.subject: kept}, state.adopted)


class FlagStore(Protocol):
    """Keeps flags and their journal. Raises Unavailable where it cannot be used."""

    async def state(self) -> State:
        """Return all that is in force."""
        ...

    async def generation(self) -> int:
        """Return the generation in force; cheaper than `state`."""
        ...

    async def write(self, change: Change) -> Entry:
        """Write the change and its entry in one transaction, on disk when this returns.

        Raises Conflict where the flag has another version than expected, Moved where the change was reviewed with
        another generation. For an adoption no flag changes.
        """
        ...

    async def journal(self, after: int, key: str = "") -> Sequence[Entry]:
        """Return the next entries behind that generation, oldest first, a few hundred at most and none at the end.

        With a key only those of that flag.
        """
        ...

    async def hash_of(self, generation: int) -> str | None:
        """Return the hash of the entry that made the generation; None where there is none."""
        ...

    def changes(self) -> AsyncGenerator[None, None]:
        """Yield at once, whenever something may have been written, by whoever, and at least every second.

        What happens while the caller is busy makes one wake; nothing is lost, and nothing is raised.
        """
        ...

    async def share_roster(self, server: str, roster: str) -> None:
        """Let the other servers of this store know who is served here, as JSON."""
        ...

    async def rosters(self) -> Mapping[str, str]:
        """Return what the servers of this store, this one too, shared last, by server; none older than 15 s."""
        ...

    def roster_changes(self) -> AsyncGenerator[None, None]:
        """Yield at once, whenever a server may have shared its roster, and at least every second."""
        ...
