"""Two flags of one generation are read as one, however often and by whomever it is replaced meanwhile."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.kit.flags.client.local import Flags
from tests.kit.flags.client.service import Service, follower, serving, snapshot, until

READERS, FLIPS = 2, 200
PAIR = ("left", "right")


def pair(value: str, other: str | None = None) -> bytes:
    """Return definitions in which both flags say the same through a rule that they share, unless told otherwise."""
    flag = {"state": "ENABLED", "variants": {"on": "on", "off": "off"}, "defaultVariant": "off"}
    shared, own = {"targeting": {"$ref": "pair"}}, {"targeting": {"if": [True, other, "off"]}}
    flags = {"left": {**flag, **shared}, "right": {**flag, **(shared if other is None else own)}}
    return json.dumps({"flags": flags, "$evaluators": {"pair": {"if": [True, value, "off"]}}}).encode()


class Reader:
    """Reads pairs in a thread, as fast as it can."""

    def __init__(self, flags: Flags) -> None:
        self._flags, self._ended = flags, threading.Event()
        self.seen: set[tuple[str, ...]] = set()
        self._thread = threading.Thread(target=self._read)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read for the block."""
        self._thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._thread.join()

    def _read(self) -> None:
        while not self._ended.is_set():
            taken = self._flags.snapshot
            self.seen.add(tuple(taken.evaluate(key, {}).value for key in PAIR))


async def test_no_reader_ever_sees_half_of_a_change(tmp_path: Path) -> None:
    """While a pair is turned around and around, and the service breaks off in between, both flags always agree."""
    service = Service(snapshot(1, pair("on")))
    async with serving(service) as address, follower(address, tmp_path) as here:
        readers = [Reader(here.flags) for _ in range(READERS)]
        with readers[0].reading(), readers[1].reading():
            await until(lambda: all(("on", "on") in reader.seen for reader in readers))
            for generation in range(2, FLIPS):
                await service.put(snapshot(generation, pair("off" if generation % 2 else "on")))
                await asyncio.sleep(0)
                if generation == FLIPS // 2:
                    await here.watch._client.hang_up()
            await until(lambda: all(("off", "off") in reader.seen for reader in readers))
            await until(lambda: here.flags.generation == FLIPS - 1)
        assert all(reader.seen == {("on", "on"), ("off", "off")} for reader in readers)


async def test_a_pair_that_is_written_mixed_would_be_seen(tmp_path: Path) -> None:
    """The check above can fail: a generation in which the two differ is noticed."""
    service = Service(snapshot(1, pair("on")))
    async with serving(service) as address, follower(address, tmp_path) as here:
        reader = Reader(here.flags)
        with reader.reading():
            await service.put(snapshot(2, pair("on", other="off")))
            await until(lambda: ("on", "off") in reader.seen)
