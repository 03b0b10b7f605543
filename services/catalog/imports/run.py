"""The import itself: from a source, batch by batch, to whoever writes."""

import asyncio
import gc
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from services.catalog.domain.items import Album, Artist, Item, Track
from services.catalog.domain.store import Counts, Outcome
from services.catalog.imports.rejects import RejectsFile, open_rejects
from services.catalog.imports.source import Entry, Reject, Source

BATCH_ENTRIES = 5_000
"""Entries read before the items among them are written in one transaction: about a megabyte on the wire.

Ids are scattered, so a transaction writes most of the pages it touches for a few items: fewer of them write fewer.
"""

_PROGRESS_S = 0.5


class Write(Protocol):
    """Writes a batch: a catalogue's own `write`, or a client of one that runs."""

    async def __call__(self, items: Sequence[Item], *, replace: bool = False) -> Outcome:
        """Write the items in one transaction; with `replace`, empty the catalogue in it first."""
        ...


@dataclass(frozen=True, slots=True)
class Summary:
    """How an import ended."""

    outcome: Outcome
    items: Counts
    """Items that the source gave, by kind."""
    rejected: int


async def run(
    source: Source,
    write: Write,
    rejects_path: Path,
    *,
    replace: bool = False,
    progress: Callable[[int], None] = lambda _entries: None,
) -> Summary:
    """Write everything the source has, and return how it ended.

    Broken off anywhere, what was written stays and a second run ends in the same state. `progress` hears after each
    batch how many entries are done or, where the source counts bytes, how many of these, also while it reads long for
    one batch. With `replace`, the catalogue is emptied together with the first batch.
    """
    outcome, items, emptied = Outcome(), Counts(), not replace
    with _rare_collections(), open_rejects(rejects_path) as rejects:
        done = source.read or (lambda: items.total + rejects.count)
        batches = _batches(source.entries(), rejects)
        while (batch := await _next(batches, lambda: progress(done()))) is not None:
            outcome += await write(batch, replace=not emptied)
            emptied = True
            items += _counts(batch)
            progress(done())
    return Summary(outcome, items, rejects.count)


async def _next(batches: Iterator[list[Item]], tell: Callable[[], None]) -> list[Item] | None:
    """Return the next batch, None at the end; call `tell` now and then while it is read.

    Reading parses and computes: in a thread, so that a client's connection stays alive beside it.
    """
    reading = asyncio.get_running_loop().run_in_executor(None, next, batches, None)
    while not (await asyncio.wait([reading], timeout=_PROGRESS_S))[0]:
        tell()
    return reading.result()


@contextmanager
def _rare_collections() -> Generator[None, None, None]:
    """Look for reference cycles rarely: an import makes millions of objects and none, and looking is a tenth of it."""
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def _batches(entries: Iterator[Entry], rejects: RejectsFile) -> Iterator[list[Item]]:
    while some := list(islice(entries, BATCH_ENTRIES)):
        yield list(_accepted(some, rejects))


def _accepted(entries: Iterable[Entry], rejects: RejectsFile) -> Iterator[Item]:
    for entry in entries:
        if isinstance(entry, Reject):
            rejects.add(entry)
        else:
            yield entry


def _counts(batch: Iterable[Item]) -> Counts:
    by_type = Counter(map(type, batch))
    return Counts(by_type[Artist], by_type[Album], by_type[Track])
