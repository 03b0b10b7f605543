"""Makes indexes of what the catalogue says: a whole one of its export, a delta of what has changed since.

Both come into being aside, in folders of their own below that of the generations, and are placed among them by whoever
has looked at them.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from services.kit.clock import Clock
from services.kit.errors import Unavailable
from services.search.domain.engine import Engine
from services.search.domain.export import Catalogue, Export, Join, Reference, Row, named_by, reference
from services.search.index.build import Build, Encode, building
from services.search.index.delta import Delta
from services.search.index.generations import Generation, Golden
from services.search.index.hashes import open_identities
from services.search.index.publish import clear, described, place
from services.search.indexer.golden import Draw, cases, measure

_WHOLE, _DELTAS = ".whole", ".deltas"


@dataclass(frozen=True, slots=True)
class Workshop:
    """Builds in this process, in threads."""

    folder: Path
    """Of the generations."""
    catalogue: Catalogue
    encode: Encode
    clock: Clock
    cpu_s: Callable[[], float]
    """The CPU seconds that the calling thread has had; golden queries are measured by it, and stopped by it."""
    _one_delta: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a delta is built: several bases are followed, and there is one place to build in."""

    async def whole(self) -> Generation:
        """Return an index of the whole catalogue, still aside, with its golden queries' results.

        Raises the catalogue's failures, Unwritable where the disk does not take it.
        """
        aside, draw = self.folder / _WHOLE, Draw()
        async with self.catalogue.export(0) as export:
            with building(aside, self.encode) as build:
                await asyncio.to_thread(clear, aside, ())
                generation = await self._built(build, export, draw)
        golden = await asyncio.to_thread(self._measured, generation, draw)
        facts = replace(generation.manifest, exported_counts=dict(export.counts), golden=golden)
        return await asyncio.to_thread(described, generation.folder, facts)

    async def delta(
        self, base: Generation, rows: Collection[Row], removed: Collection[Reference], source_generation: int
    ) -> Generation:
        """Return a delta over the base, placed: the rows as they are now, and without what is superseded or removed."""
        names = {wanted for row in rows for wanted in named_by(row)}
        join = Join()
        join.learn(in_order(await self.catalogue.read(sorted(names))))
        async with self._one_delta:
            return await asyncio.to_thread(self._delta, base, join, (rows, removed), source_generation)

    async def _built(self, build: Build, export: Export, draw: Draw) -> Generation:
        join = Join()
        async for rows in export.chunks:
            await asyncio.to_thread(build.add, draw.watched(join.documents(rows)))
        return await asyncio.to_thread(build.publish, export.generation, self.clock.now())

    def _measured(self, generation: Generation, draw: Draw) -> Golden:
        from services.search.index.reader import open_index  # noqa: PLC0415 - brings NumPy: an indexer at rest does without

        with open_index(generation, self.cpu_s) as index:
            engine = Engine(index, None, (), self.cpu_s)
            try:
                return measure(cases(draw.documents), engine.search, self.cpu_s)
            except sqlite3.Error as error:
                raise Unavailable(f"The index that was built cannot be searched: {error}.") from error

    def _delta(
        self,
        base: Generation,
        join: Join,
        content: tuple[Collection[Row], Collection[Reference]],
        source_generation: int,
    ) -> Generation:
        rows, removed = content
        hidden = _rows_of(base, {*map(reference, rows), *removed})
        with building(self.folder / _DELTAS, self.encode, Delta(base, hidden)) as build:
            build.add(join.documents(in_order(rows)))
            delta = build.publish(source_generation, self.clock.now())
        return place(delta, self.folder, delta.manifest)


def _rows_of(base: Generation, items: Iterable[Reference]) -> frozenset[int]:
    """Return the rows of the items that the base has."""
    with open_identities(base) as identities:
        rows = [identities.row(kind, item_id) for kind, item_id in items]
    return frozenset(row for row in rows if row is not None)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return the rows as an export has them: artists, then albums, then tracks, in the order of ids."""
    return sorted(rows, key=lambda row: (-reference(row).kind, row.id))
