"""One snapshot after the other, compiled in a process that serves meanwhile.

All of it happens on the event loop, in slices of about a millisecond. A thread would be no better: it takes the
interpreter for five milliseconds at a time, and reading JSON does not give it back before the end.
"""

import asyncio
import gc
from collections.abc import Callable, Generator
from dataclasses import dataclass

from services.kit.errors import Invalid
from services.kit.flags.compile import Compiled, compiling
from services.kit.flags.snapshot import CompiledFlag

_SLICE = 300
"""Values: less than a millisecond. A rule of several thousand is one slice all the same."""
_SLICE_OF_GONE = 50
"""Flags: as long to take apart."""
_LET_BE = 20_000
"""Values, or 40,000 objects: what the garbage collector needs milliseconds to look through. So much is taken out of its
sight, for good: none of it refers back to itself, so it is gone when nobody has it any more."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """Makes snapshots whose rules ask this for the time, in seconds since 1970, and tell it what they cannot use."""

    now: Callable[[], float]
    on_invalid: Callable[[str], None]

    async def compiled(self, definitions: bytes, before: Compiled, *, cached: bool = False) -> Compiled:
        """Return the definitions compiled, what is as before taken over. Raises Invalid where they are of no use."""
        try:
            return await _in_slices(compiling(definitions, before, self.now, self.on_invalid, cached=cached))
        except Invalid:
            raise
        except Exception as error:
            # A fault in the compiler must not end every process that is handed the one definition that shows it.
            raise Invalid(f"The definitions cannot be compiled: {error!r}.") from error


async def _in_slices(steps: Generator[int, None, Compiled]) -> Compiled:
    """Take the steps, and let others have the loop between slices of them."""
    done, rested, let_be = 0, 0, 0
    while True:
        try:
            done += next(steps)
        except StopIteration as end:
            compiled: Compiled = end.value
            break
        if done - let_be >= _LET_BE:
            gc.freeze()
            let_be = done
        if done - rested >= _SLICE:
            await asyncio.sleep(0)
            rested = done
    if let_be:
        gc.freeze()
    return compiled


def gone(before: Compiled, after: Compiled) -> list[CompiledFlag]:
    """Return the flags of before that were not taken over."""
    flags = after.snapshot.flags
    return [flag for key, flag in before.snapshot.flags.items() if flags.get(key) is not flag]


async def let_go(flags: list[CompiledFlag]) -> None:
    """Give up flags that decide no more, in slices too: to take apart a thousand holds the loop for milliseconds."""
    while flags:
        del flags[-_SLICE_OF_GONE:]
        await asyncio.sleep(0)
