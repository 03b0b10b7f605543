"""The head: the document in force, kept true to the store, and replaced by one reference for all who read it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from services.flags.domain.document import Document, document_of, empty
from services.flags.domain.pulse import Pulse
from services.flags.domain.store import FlagStore, Held
from services.kit.errors import Invalid, Unavailable
from services.kit.flags.compilation import Compilation, gone, let_go
from services.kit.flags.scope import unheard
from services.kit.flags.snapshot import CompiledFlag

MOST_AHEAD = 10**9
"""Generations that a caller can be ahead of a restored store; an adoption goes on above them, and numbers end."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a caller has applied although this store never wrote it."""

    generation: int
    caller: str


class Head:
    """What is in force. `news` beats whenever the document is replaced, something was shown, or all of it ends."""

    def __init__(self, store: FlagStore, now: Callable[[], float], on_invalid: Callable[[str], None] = unheard) -> None:
        self._store, self._compilation = store, Compilation(now, on_invalid)
        self._looking = asyncio.Lock()
        self.document: Document = empty()
        self.news = Pulse()
        self.shown = Shown(0, "")
        """The highest generation from elsewhere that any caller has."""
        self.ended = False
        """Whether nothing comes any more: the server stops."""

    @property
    def refuses(self) -> str:
        """Why nothing may be written or handed out; empty where it may.

        A store that came back from an older backup knows less than its callers, and would give numbers a second time.
        """
        shown = self.shown
        if self._is_settled(shown.generation):
            return ""
        return (
            f"{shown.caller} has applied generation {shown.generation}, which this store never wrote: the store is an "
            f"older copy, or another one. Bring the right one back, or go on with what this one has, generation "
            f"{self.document.held.generation}, by `backline flags adopt --reason …`."
        )

    async def look(self) -> None:
        """Take up what the store has now. Raises what the store raises."""
        async with self._looking:
            if await self._store.generation() != self.document.held.generation:
                document = await document_of(await self._store.state(), self._compilation, self.document)
                await let_go(self._put_in_force(document))

    def _put_in_force(self, document: Document) -> list[CompiledFlag]:
        """Replace the document, and return the flags that decide no more."""
        before, self.document = self.document, document
        self.news.beat()
        if document.held.generation < before.held.generation:  # restored beneath us
            self.show(Shown(before.held.generation, "this server"))
        return gone(before.compiled, document.compiled)

    async def until_after(self, generation: int) -> None:
        """Wait until the generation is past that one, or this has ended."""
        stirred = asyncio.Event()
        with self.news.stirring(stirred):
            while not self.ended and self.document.held.generation <= generation:
                await stirred.wait()
                stirred.clear()

    async def check(self, held: Held, caller: str) -> None:
        """Remember what a caller shows that this store never wrote.

        Raises Invalid for a generation that no store so far behind can be a copy of, and Unavailable where the store is
        silent and the caller may be ahead of it. Who is behind is served all the same: a silent store is no reason to
        keep from anyone what is in force.
        """
        if held == self.document.held:
            return
        if held.generation > self.document.held.generation + MOST_AHEAD:
            raise Invalid("No store of flags has come to this generation.", field="generation")
        try:
            ours = await self._is_ours(held)
            if not ours:
                await self.look()  # the adoption that makes up for it may be news to this process
                ours = await self._is_ours(held)
        except Unavailable:
            if held.generation > self.document.held.generation:
                raise
            return
        if not ours:
            self.show(Shown(held.generation, caller))

    def show(self, shown: Shown) -> None:
        """Remember that a caller has this generation, from elsewhere."""
        if shown.generation > self.shown.generation:
            self.shown = shown
            self.news.beat()

    def end(self) -> None:
        """Let everyone go who waits."""
        self.ended = True
        self.news.beat()

    async def _is_ours(self, held: Held) -> bool:
        return self._is_settled(held.generation) or await self._store.hash_of(held.generation) == held.hash

    def _is_settled(self, generation: int) -> bool:
        """Whether nobody has to ask which line it is of: it is none at all, or an adoption came after it."""
        return generation < max(self.document.state.adopted, 1)
