"""The generations and deltas on this machine: what is here whole is used, anything else is fetched from the indexer.

Several processes share the folder, the indexer among them where it runs on the same machine; then nothing is fetched.
What comes from elsewhere is written aside, verified, put on disk for good and only then given its name.
"""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from pathlib import Path

from services.kit.errors import Conflict, Invalid, NotFound, Unavailable
from services.kit.files import lock, made, one_sentence, sync
from services.kit.logs import Logger
from services.search.domain.rollout import Assignment, Indexer
from services.search.index.generations import (
    MANIFEST,
    PREFIXES,
    Generation,
    Manifest,
    Survey,
    UnknownFormat,
    first_sound,
    is_name,
    moment,
    names,
    read,
    read_manifest,
    survey,
    verify,
)
from services.search.index.holding import ASIDE, drop, remove_unless_held

_DELTA = PREFIXES[1]
_MANIFEST_BYTES = 4 * 1024 * 1024
_LOOK_AGAIN_S = 0.1


class Reason(StrEnum):
    """Why a generation or delta cannot be served here."""

    FORMAT = "format"
    """This program cannot read it; another version might."""
    DAMAGED = "damaged"
    NO_ROOM = "no_room"
    """The disk is too full to fetch it."""


class Unusable(Unavailable):
    """A generation or delta that cannot be served here; to ask for it again at once would not help."""

    def __init__(self, name: str, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.name, self.reason = name, reason


class Library:
    """Finds, fetches and clears up."""

    def __init__(self, folder: Path, indexer: Indexer, log: Logger) -> None:
        self._folder, self._indexer, self._log = folder, indexer, log

    async def get(self, name: str) -> Generation:
        """Return the generation or delta of that name, every byte as it was written.

        Where several processes want it at once, one fetches it for all. Raises Unusable where it cannot be had whole,
        and the indexer's failures where it cannot be had now.
        """
        if not is_name(name):
            raise Unusable(name, Reason.DAMAGED, f"{name!r} is no name of a generation.")
        home = self._folder / name
        try:
            return await asyncio.to_thread(_sound, home)
        except Unavailable as failure:
            if home.exists():
                self._log.warning("index.spoilt", reason=str(failure))
        async with self._alone(_kind(name)):
            with suppress(Unavailable):
                return await asyncio.to_thread(_sound, home)  # fetched by another process meanwhile
            return await self._fetched(home)

    async def newest(self) -> Assignment | None:
        """Return the newest generation that is here and sound, and the newest such delta over it."""
        return await asyncio.to_thread(self._newest)

    async def clear(self, keep: Collection[str], served: Collection[str]) -> None:
        """Remove generations older than the one served, and deltas likewise, that nobody keeps or holds."""
        await asyncio.to_thread(self._clear, keep, served)

    @asynccontextmanager
    async def _alone(self, kind: str) -> AsyncGenerator[None, None]:
        """Wait until nobody else fetches what is of the kind, and let nobody until the end of the block.

        A generation, which takes long, and deltas, which bring takedowns, do not wait for each other.
        """
        path = made(self._folder) / f".fetching-{kind}.lock"
        while True:
            try:
                with one_sentence(path):
                    file = lock(path, lambda holder: Conflict(f"Process {holder} fetches into {self._folder}."))
            except Conflict:
                await asyncio.sleep(_LOOK_AGAIN_S)
            else:
                break
        with file:
            yield

    async def _fetched(self, home: Path) -> Generation:
        aside = self._folder / ASIDE / _kind(home.name) / home.name
        await asyncio.to_thread(self._make_room, aside)
        try:
            self._log.info("index.fetching", name=home.name)
            await self._fetch_files(aside)
            return await asyncio.to_thread(_settle, aside, home)
        finally:
            await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)

    async def _fetch_files(self, aside: Path) -> None:
        """Fetch the manifest, and then what it names."""
        try:
            await self._indexer.fetch(aside.name, MANIFEST, aside / MANIFEST, _MANIFEST_BYTES)
            manifest = await asyncio.to_thread(_manifest, aside)
            _check_room(aside, manifest.size_bytes)
            for file, facts in manifest.files.items():
                await self._indexer.fetch(aside.name, file, aside / file, facts.size_bytes)
        except (NotFound, Invalid) as failure:
            raise Unusable(aside.name, Reason.DAMAGED, str(failure)) from failure

    def _make_room(self, aside: Path) -> None:
        with one_sentence(aside):
            shutil.rmtree(aside.parent, ignore_errors=True)
            aside.mkdir(parents=True)

    def _newest(self) -> Assignment | None:
        generation = self._first_sound(survey(self._folder))
        if generation is None:
            return None
        deltas = survey(self._folder, _DELTA)
        over = [delta for delta in deltas.usable if delta.manifest.base == generation.name]
        delta = self._first_sound(Survey(tuple(over), deltas.refused))
        return Assignment(generation.name, delta.name if delta else "")

    def _first_sound(self, found: Survey) -> Generation | None:
        for refused in found.refused:
            self._log.warning("index.spoilt", reason=refused)
        return first_sound(found.usable, lambda fault: self._log.warning("index.spoilt", reason=fault))

    def _clear(self, keep: Collection[str], served: Collection[str]) -> None:
        oldest = {_kind(name): moment(name) for name in served}
        for name in names(self._folder):
            is_older = _kind(name) in oldest and moment(name) < oldest[_kind(name)]
            if is_older and name not in keep and remove_unless_held(self._folder / name):
                self._log.info("index.removed", name=name)


def _kind(name: str) -> str:
    """Return what tells a delta's name from a generation's."""
    return name.partition("-")[0]


def _sound(home: Path) -> Generation:
    generation = read(home)
    verify(generation)
    return generation


def _manifest(folder: Path) -> Manifest:
    """Return the manifest, which has come so far alone."""
    try:
        return read_manifest(folder)
    except Unavailable as failure:
        reason = Reason.FORMAT if isinstance(failure, UnknownFormat) else Reason.DAMAGED
        raise Unusable(folder.name, reason, str(failure)) from failure


def _check_room(aside: Path, size_bytes: int) -> None:
    free_bytes = shutil.disk_usage(aside).free
    if size_bytes > free_bytes:
        sentence = f"{aside.name} needs {size_bytes} bytes, and {aside.parent} has room for {free_bytes}."
        raise Unusable(aside.name, Reason.NO_ROOM, sentence)


def _settle(aside: Path, home: Path) -> Generation:
    """Verify what has been fetched, put it on disk for good and give it its name in place of what may be there."""
    try:
        fetched = _sound(aside)
    except Unavailable as failure:
        raise Unusable(home.name, Reason.DAMAGED, str(failure)) from failure
    with one_sentence(home):
        for path in (*aside.iterdir(), aside):
            sync(path)
        if home.exists():
            drop(home)
        aside.rename(home)
        sync(home.parent)
    return Generation(home, fetched.manifest)
