"""Generations and deltas that are open, each once however often it is served again."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass

from services.kit.errors import Unavailable
from services.search.index.delta import read_hidden
from services.search.index.generations import Generation
from services.search.index.holding import held
from services.search.index.library import Library, Reason, Unusable
from services.search.index.reader import open_index
from services.search.index.sqlite_index import SqliteIndex


@dataclass(frozen=True, slots=True)
class Open:
    """A generation or delta that is open."""

    generation: Generation
    index: SqliteIndex
    hidden: frozenset[int]
    """What it hides of its base; empty for a generation."""
    opened: ExitStack


class Shelf:
    """Opens from a library, in a thread, and closes what is no longer wanted."""

    def __init__(self, library: Library, monotonic: Callable[[], float]) -> None:
        self._library, self._monotonic = library, monotonic
        self._here: dict[str, Generation] = {}
        self._open: dict[str, Open] = {}

    async def bring(self, name: str) -> None:
        """Have the generation or delta of that name here, which may take long. Raises as the library does."""
        if name not in self._open:
            self._here[name] = await self._library.get(name)

    async def get(self, name: str) -> Open:
        """Return the generation or delta of that name, fetched, verified and opened unless it is open already.

        Raises as the library does, and Unusable where what is whole cannot be opened.
        """
        if name not in self._open:
            generation = self._here.pop(name, None) or await self._library.get(name)
            self._open[name] = await asyncio.to_thread(self._opened, generation)
        return self._open[name]

    async def close_all_but(self, kept: Collection[str] = ()) -> None:
        """Close what is open under other names; no search may be using it."""
        for name in self._open.keys() - kept:
            await asyncio.to_thread(self._open.pop(name).opened.close)

    def _opened(self, generation: Generation) -> Open:
        with ExitStack() as opening:
            try:
                opening.enter_context(held(generation))
                index = opening.enter_context(open_index(generation, self._monotonic))
                hidden = read_hidden(generation) if generation.manifest.base else frozenset[int]()
            except Unavailable as failure:
                raise Unusable(generation.name, Reason.DAMAGED, str(failure)) from failure
            return Open(generation, index, hidden, opening.pop_all())
