"""Brings the index up to the catalogue: serves what there is, builds what is missing or older."""

import asyncio
from pathlib import Path

from services.kit.clock import Clock
from services.kit.errors import Conflict, Exhausted, TooLate, Unavailable
from services.kit.logs import Logger
from services.search.domain.export import Catalogue, Export, Join
from services.search.index.build import Encode, Unwritable, building
from services.search.index.generations import Generation, survey, verify

_TRY_AGAIN_S = 0.25


class Refresh:
    """Finds or builds the generation that belongs to the catalogue as it is now, in a folder that processes share."""

    def __init__(self, folder: Path, catalogue: Catalogue, encode: Encode, clock: Clock, log: Logger) -> None:
        self._folder, self._catalogue, self._encode = folder, catalogue, encode
        self._clock, self._log = clock, log

    async def generation(self) -> Generation:
        """Return the newest generation once it is up to date.

        While the catalog cannot be asked, or a new one cannot be written, the newest there is has to do. Where there
        is none, wait for the catalog; raises Unwritable if it is the disk that is in the way. While another process
        builds, wait for what it builds.
        """
        while True:
            newest = await asyncio.to_thread(self._newest_sound)
            try:
                return await self._up_to_date(newest)
            except Conflict:
                self._log.info("index.built_elsewhere", folder=str(self._folder))
            except (Exhausted, TooLate, Unavailable) as failure:
                if newest is None and isinstance(failure, Unwritable):
                    raise
                if newest is not None:
                    self._log.warning("index.not_compared", generation=newest.name, reason=str(failure))
                    return newest
                self._log.info("index.waits_for_catalog", reason=str(failure))
            await asyncio.sleep(_TRY_AGAIN_S)

    def _newest_sound(self) -> Generation | None:
        """Return the newest generation whose every byte is as it was written."""
        found = survey(self._folder)
        for refused in found.refused:
            self._log.warning("index.refused", reason=refused)
        for generation in found.usable:
            try:
                verify(generation)
            except Unavailable as failure:
                self._log.warning("index.refused", reason=str(failure))
            else:
                return generation
        return None

    async def _up_to_date(self, newest: Generation | None) -> Generation:
        known = newest.manifest.source_generation if newest else 0
        async with self._catalogue.export(known) as export:
            if newest and _same(newest, export):
                self._log.info("index.up_to_date", generation=newest.name)
                return newest
            if export.generation != known:
                return await self._built(export)
        # The number is the same and the content is not: it is another catalogue, so ask for all of it.
        async with self._catalogue.export(0) as export:
            return await self._built(export)

    async def _built(self, export: Export) -> Generation:
        """Build in threads, chunk by chunk, so that health checks are answered meanwhile."""
        started = self._clock.monotonic()
        self._log.info("index.building", source_generation=export.generation, items=export.item_count)
        join = Join()
        with building(self._folder, self._encode) as build:
            # The folder is ours only now: a process that started with us may have been quicker.
            appeared = await asyncio.to_thread(self._newest_sound)
            if appeared and _same(appeared, export):
                return appeared
            async for rows in export.chunks:
                await asyncio.to_thread(build.add, join.documents(rows))
            generation = await asyncio.to_thread(build.publish, export.generation, self._clock.now())
        seconds = round(self._clock.monotonic() - started, 1)
        self._log.info("index.built", generation=generation.name, seconds=seconds)
        return generation


def _same(generation: Generation, export: Export) -> bool:
    manifest = generation.manifest
    counted = sum(manifest.document_counts.values())
    return (manifest.source_generation, counted) == (export.generation, export.item_count)
