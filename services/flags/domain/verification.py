"""Whether what is kept is what was written: the journal as a chain, and the flags as what it leads to."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from services.flags.domain.store import Kept, State, applied
from services.kit.errors import Internal
from services.kit.journal import Entry, verify


def verified(entries: Iterable[Entry], generation: int, flags: Mapping[str, Kept]) -> Sequence[Entry]:
    """Return the journal up to that generation, having held it against itself and the flags in force against it.

    Raises Internal, naming the entry or the flags, where anybody changed one past the store.
    """
    written = [entry for entry in entries if entry.sequence <= generation]
    verify(written)
    led_to = reduce(applied, written, State())
    if (led_to.held.generation, led_to.flags) != (generation, flags):
        differing = sorted({key for key, _ in led_to.flags.items() ^ flags.items()})
        raise Internal(f"{', '.join(differing) or 'The generation'}: what is in force is not what the journal led to.")
    return written
