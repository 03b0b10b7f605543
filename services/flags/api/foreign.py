"""Streams to clients that speak flagd's protocols: the document in force at once, each later one, and signs of life.

They are on the roster by name only, since their protocols have no word for what a client has applied.
"""

from asyncio import timeout
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress

from services.flags.domain.document import Document
from services.flags.domain.head import Head
from services.flags.domain.roster import Roster
from services.kit.errors import Exhausted, Unavailable

NONE_YET = -1
"""Before the first generation, which is 0 where nothing was ever written."""


def in_force(head: Head) -> Document:
    """Return the document in force. Raises Unavailable where it may not be handed out."""
    if head.refuses:
        raise Unavailable(head.refuses)
    return head.document


class Streams:
    """Hands documents to at most so many streams, and a sign of life to each every so many seconds."""

    def __init__(self, head: Head, roster: Roster, keep_alive_s: float, most: int) -> None:
        self._head, self._roster, self._keep_alive_s, self._most = head, roster, keep_alive_s, most
        self.open = 0

    async def documents(self, name: str) -> AsyncGenerator[Document | None, None]:
        """Yield the document in force, then each later one, and None after a while of silence; ends with the server.

        Raises Exhausted where there are too many streams, Unavailable where a document may not be handed out.
        """
        with self._place(name):
            sent = NONE_YET
            while not self._head.ended:
                if self._head.document.held.generation > sent:
                    document = in_force(self._head)
                    sent = document.held.generation
                    yield document
                else:
                    yield None
                with suppress(TimeoutError):
                    async with timeout(self._keep_alive_s):
                        await self._head.until_after(sent)

    @contextmanager
    def _place(self, name: str) -> Iterator[None]:
        if self.open >= self._most:
            raise Exhausted(f"{self._most} streams are all that are served here.", retry_after_s=self._keep_alive_s)
        self.open += 1
        try:
            with self._roster.foreign(name):
                yield
        finally:
            self.open -= 1
