"""Takes in what the service hands out: checked, compiled, put in force; or refused whole, and what was before stays."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from backline.flags.v1 import flags_pb2 as pb
from services.kit.clock import Clock
from services.kit.errors import Invalid
from services.kit.flags.client.instruments import CHECKSUM, DEFINITIONS, Instruments
from services.kit.flags.client.local import Flags
from services.kit.flags.client.received import Held, Received, received
from services.kit.flags.compilation import Compilation, gone, let_go
from services.kit.flags.compile import NOTHING, Compiled
from services.kit.flags.snapshot import CompiledFlag
from services.kit.logs import Logger

News: TypeAlias = pb.WatchResponse | pb.FetchResponse
"""What the stream and the poll bring, which is the same."""

MOST_REASON_CHARS = 200


class Intake:
    """Keeps one process's flags true to what it hears. Whatever it hears, only a higher generation is applied."""

    def __init__(self, flags: Flags, instruments: Instruments, clock: Clock, log: Logger) -> None:
        self._flags, self._instruments, self._clock, self._log = flags, instruments, clock, log
        self._compilation = Compilation(lambda: clock.now().timestamp(), instruments.invalid)
        self._compiled = NOTHING
        self._gone: list[CompiledFlag] = []
        """Flags that decide no more, on their way out."""
        self._taking, self._met = asyncio.Lock(), False
        self._remembered: Received | None = None
        """What the disk remembers, for as long as nobody has said whether it is in force."""
        self._server_refuses = ""
        self.held = Held()
        self.refused = ""
        """Why a later generation than the one held is not applied; empty where there is none."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when what is held or refused has changed."""
        self.on_applied: Callable[[Received], None] = lambda _received: None
        """Called with what was applied, unless the disk had it."""

    async def remember(self, kept: Received, age_s: float) -> None:
        """Have decide what the disk remembers, with reason CACHED. Raises Invalid where it is of no use."""
        compiled = await self._compilation.compiled(kept.definitions, self._compiled, cached=True)
        self._put_in_force(compiled, kept.held.generation, age_s)
        self.held, self._remembered = kept.held, kept

    async def hear(self, news: News) -> None:
        """Take in one message."""
        self._note_refusal(news.refuses)
        async with self._taking:
            if news.HasField("snapshot"):
                await self._take(received(news.snapshot))
            elif not news.refuses:
                await self._confirm()
            await let_go(self._gone)

    async def _take(self, offered: Received) -> None:
        if offered.held.generation <= self.held.generation:
            return
        try:
            offered.check()
            compiled = await self._compilation.compiled(offered.definitions, self._compiled)
        except Invalid as fault:
            self._refuse(offered, fault)
        else:
            self._apply(offered, compiled)

    def _apply(self, offered: Received, compiled: Compiled) -> None:
        self._put_in_force(compiled, offered.held.generation)
        self.held, self.refused, self._remembered = offered.held, "", None
        if self._met:
            self._instruments.propagation.observe(max(0.0, self._clock.now().timestamp() - offered.committed_at_s))
        self._met = True
        self._log.info("flags.applied", generation=offered.held.generation, flags=len(compiled.snapshot.flags))
        self.on_change()
        self.on_applied(offered)

    def _refuse(self, offered: Received, fault: Invalid) -> None:
        self._instruments.rejected[CHECKSUM if fault.field == CHECKSUM else DEFINITIONS].inc()
        refused = f"Generation {offered.held.generation}: {fault}"[:MOST_REASON_CHARS]
        if refused != self.refused:
            self.refused = refused
            self._log.error("flags.refused", generation=offered.held.generation, reason=str(fault))
        self.on_change()

    async def _confirm(self) -> None:
        """Take note that what is held is in force; what the disk remembered is no longer merely remembered."""
        if self._remembered:
            compiled = await self._compilation.compiled(self._remembered.definitions, self._compiled)
            self._put_in_force(compiled, self.held.generation)
            self._remembered = None
        self._met = True
        self._flags.known()

    def _put_in_force(self, compiled: Compiled, generation: int, age_s: float = 0.0) -> None:
        self._gone += gone(self._compiled, compiled)
        self._compiled = compiled
        self._flags.replace(compiled.snapshot, generation, age_s)

    def _note_refusal(self, refuses: str) -> None:
        if refuses != self._server_refuses:
            self._server_refuses = refuses
            if refuses:
                self._log.error("flags.server_refuses", reason=refuses)
