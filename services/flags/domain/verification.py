"""Whether what is kept is what was written: the journal as a chain, and the flags as what it leads to."""

from functools import reduce

from services.flags.domain.store import FlagStore, State, applied
from services.kit.errors import Internal
from services.kit.journal import Entry, verify


async def verified(store: FlagStore) -> int:
    """Return how many entries the store's journal has, having read all of it and all flags.

    Raises Internal, naming the entry or the flags, where anybody changed one past the store.
    """
    state = await store.state()
    entries = await _until(store, state.held.generation)
    verify(entries)
    written = reduce(applied, entries, State())
    if written != state:
        keys = ", ".join(sorted(_differing(written, state))) or "The generation"
        raise Internal(f"{keys}: what is in force is not what the journal led to.")
    return len(entries)


async def _until(store: FlagStore, generation: int) -> list[Entry]:
    """Return the journal up to that generation; what is written meanwhile is another reader's."""
    entries: list[Entry] = []
    reached = 0
    while reached < generation and (part := await store.journal(reached)):
        entries += part
        reached = part[-1].sequence
    return [entry for entry in entries if entry.sequence <= generation]


def _differing(written: State, state: State) -> set[str]:
    return {key for key, _ in written.flags.items() ^ state.flags.items()}
