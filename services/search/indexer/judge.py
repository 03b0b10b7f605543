"""Looks at a new generation before anybody serves it: gathers the facts for the gates, and reads its files whole."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from services.search.index.generations import Generation
from services.search.indexer.following import Following
from services.search.indexer.gates import CHECKSUM, Facts, Recorded, refusals
from services.search.indexer.store import Store

_HEAR_S = 5.0
"""How long to wait for the feed to tell what the export knew already."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges candidates against the generation that is served."""

    store: Store
    golden_cpu_s: float
    """What the costliest golden query may take."""

    async def refusals(self, candidate: Generation, before: Following | None) -> dict[str, str]:
        """Return why the candidate must not be served: a sentence for each gate that refuses it."""
        recorded = await _recorded(before, candidate) if before else Recorded()
        known = before.base.manifest if before else None
        found = refusals(Facts(candidate.manifest, known, recorded, self.golden_cpu_s))
        fault = await asyncio.to_thread(self.store.check, candidate)
        return {**found, CHECKSUM: fault} if fault else found


async def _recorded(before: Following, candidate: Generation) -> Recorded:
    """Return what happened between the two, once the feed has told all of it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_HEAR_S):
            await before.heard(candidate.manifest.source_generation)
    return before.changes.recorded
