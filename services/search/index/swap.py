"""The change from one generation or delta to the next, in one step: no search ever sees half of it.

A search runs on the event loop from its beginning to its end, and so does the step; whoever comes after it searches the
new one, and nobody is left in the old. What was served before stays open, so that going back takes no time at all.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from enum import StrEnum
from itertools import islice
from typing import TypeAlias

from services.kit.errors import Exhausted
from services.search.domain.current import Current
from services.search.domain.engine import Engine
from services.search.domain.popular import Popular
from services.search.domain.query import Query
from services.search.domain.rollout import Assignment
from services.search.index.library import Reason, Unusable
from services.search.index.shelf import Open, Shelf
from services.search.index.sqlite_index import SqliteIndex

_WARM_PAGE_SIZE, _WARM_PAUSE_S = 20, 0.002

MakeEngine: TypeAlias = Callable[[SqliteIndex, SqliteIndex | None, frozenset[int]], Engine]
"""Makes what searches of a generation, a delta over it or none, and what the delta hides."""


class Change(StrEnum):
    """What a swap changed."""

    GENERATION = "generation"
    DELTA = "delta"
    BACK = "back"
    """To the generation that was served before."""


class Swap:
    """Serves one generation after the other."""

    def __init__(self, shelf: Shelf, current: Current, make: MakeEngine, popular: Popular, warm_queries: int) -> None:
        self._shelf, self._current, self._make = shelf, current, make
        self._popular, self._warm_queries = popular, warm_queries
        self._alone = asyncio.Lock()
        self.base: Open | None = None
        """The generation that is served; None while there is none."""
        self.delta: Open | None = None
        self.previous = Assignment("")
        """What was served before another generation took its place."""

    @property
    def serving(self) -> Assignment:
        """Return the names of what is served; empty ones for nothing."""
        base, delta = (each.generation.name if each else "" for each in (self.base, self.delta))
        return Assignment(base, delta)

    async def to(self, wanted: Assignment) -> Change:
        """Serve what is wanted. Raises as the shelf does; then what was served still is."""
        await self.bring(wanted)
        async with self._alone:
            return await self._to(wanted)

    async def renew(self, wanted: Assignment) -> Change | None:
        """Serve another delta over the generation that is served; None where that is another by the time it is here.

        Raises as the shelf does; then what was served still is.
        """
        await self.bring(wanted)
        async with self._alone:
            return await self._to(wanted) if wanted.generation == self.serving.generation else None

    async def bring(self, wanted: Assignment) -> None:
        """Have what is wanted here, which may take long. Raises as the shelf does."""
        for name in filter(None, (wanted.generation, wanted.delta)):
            await self._shelf.bring(name)

    async def _to(self, wanted: Assignment) -> Change:
        try:
            base = await self._shelf.get(wanted.generation)
            delta = await self._shelf.get(wanted.delta) if wanted.delta else None
            engine = self._engine(base, delta)
            change = self._change_to(wanted)
            if change is Change.GENERATION:
                await self._warm(engine, base)
            if change is not Change.DELTA:
                self.previous = self.serving
            before, self.base, self.delta, self._current.served = self.base, base, delta, engine
            if before is not None and before is not base:
                before.index.rest()
        finally:
            await self._shelf.close_all_but(self.needed())
        return change

    def needed(self) -> set[str]:
        """Return the names of all that is served or could be again at once."""
        pairs = (self.serving, self.previous)
        return {name for pair in pairs for name in (pair.generation, pair.delta) if name}

    def _engine(self, base: Open, delta: Open | None) -> Engine:
        if delta is None:
            return self._make(base.index, None, frozenset())
        over, name = delta.generation.manifest.base, delta.generation.name
        if over != base.generation.name:
            raise Unusable(name, Reason.DAMAGED, f"{name} is a delta over {over}, not over {base.generation.name}.")
        return self._make(base.index, delta.index, delta.hidden)

    def _change_to(self, wanted: Assignment) -> Change:
        if wanted.generation == self.serving.generation:
            return Change.DELTA
        return Change.BACK if wanted.generation == self.previous.generation else Change.GENERATION

    async def _warm(self, engine: Engine, base: Open) -> None:
        """Search the new index, before anybody waits for it, for what is asked most.

        On the event loop, with pauses: SQLite lets go of the interpreter's lock at every row, and a thread that
        searches beside the loop may take it for milliseconds each time, which makes everybody's answers late.
        """
        golden = base.generation.manifest.golden
        queries = dict.fromkeys([*self._popular.top(self._warm_queries), *(golden.queries if golden else ())])
        for query in islice(queries, self._warm_queries):
            try:
                engine.search(Query.of(query), _WARM_PAGE_SIZE)
            except Exhausted:
                pass  # those who wait for answers come first
            except sqlite3.Error as error:
                name = base.generation.name
                raise Unusable(name, Reason.DAMAGED, f"{name} cannot be searched: {error}.") from error
            await asyncio.sleep(_WARM_PAUSE_S if self.base else 0)
