"""The generations and deltas on this machine: what is here whole is used, anything else is fetched from the indexer.

Several processes share the folder, the indexer among them where it runs on the same machine; then nothing is fetched.
What comes from elsewhere is written aside, verified, put on disk for good and only then given its name. Whoever has a
generation open holds a shared lock on its folder, and nobody removes a folder that somebody holds.
"""

import asyncio
import fcntl
import json
import os
import re
import shutil
from collections.abc import AsyncGenerator, Collection, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from services.kit.errors import Conflict, Invalid, Unavailable
from services.kit.files import lock, made, one_sentence
from services.kit.logs import Logger
from services.search.domain.rollout import Indexer
from services.search.index.generations import (
    MANIFEST,
    Generation,
    Manifest,
    is_name,
    moment,
    names,
    read,
    survey,
    verify,
)
from services.search.index.schema import FORMAT_VERSION

_FILE = re.compile(r"[a-z0-9_]+\.[a-z0-9]+")
_MANIFEST_BYTES = 4 * 1024 * 1024
_LOOK_AGAIN_S = 0.1
_ASIDE = ".aside"
"""Holds what is not whole yet or no longer wanted; what a killed process left there goes with the next fetch."""


class Library:
    """Finds, fetches and clears up."""

    def __init__(self, folder: Path, indexer: Indexer, log: Logger) -> None:
        self._folder, self._indexer, self._log = folder, indexer, log

    async def get(self, name: str) -> Generation:
        """Return the generation or delta of that name, every byte as it was written.

        Where several processes want it at once, one fetches it for all. Raises Invalid for what cannot be a name, and
        the indexer's failures, or Unavailable, where it cannot be had whole.
        """
        home = self._folder / _checked(name)
        try:
            return await asyncio.to_thread(_sound, home)
        except Unavailable as failure:
            if home.exists():
                self._log.warning("index.spoilt", reason=str(failure))
        async with self._alone():
            with suppress(Unavailable):
                return await asyncio.to_thread(_sound, home)  # fetched by another process meanwhile
            return await self._fetched(home)

    async def newest(self) -> Generation | None:
        """Return the newest generation that is here and sound."""
        return await asyncio.to_thread(self._newest_sound)

    async def clear(self, keep: Collection[str], older_than: str) -> None:
        """Remove what is older than the name given, is not to be kept and is held by nobody."""
        await asyncio.to_thread(self._clear, keep, moment(older_than))

    @asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None, None]:
        """Wait until no other process fetches into the folder, and let none until the end of the block."""
        path = made(self._folder) / ".fetching.lock"
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
        aside = self._folder / _ASIDE / home.name
        await asyncio.to_thread(self._make_room, aside)
        try:
            self._log.info("index.fetching", name=home.name)
            await self._indexer.fetch(home.name, MANIFEST, aside / MANIFEST, _MANIFEST_BYTES)
            for file, facts in _manifest(aside).files.items():
                await self._indexer.fetch(home.name, _checked_file(file), aside / file, facts.size_bytes)
            return await asyncio.to_thread(_settle, aside, home)
        finally:
            await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)

    def _make_room(self, aside: Path) -> None:
        with one_sentence(aside):
            if aside.parent.exists():
                shutil.rmtree(aside.parent)
            aside.mkdir(parents=True)

    def _newest_sound(self) -> Generation | None:
        found = survey(self._folder)
        for refused in found.refused:
            self._log.warning("index.spoilt", reason=refused)
        for generation in found.usable:
            try:
                verify(generation)
            except Unavailable as failure:
                self._log.warning("index.spoilt", reason=str(failure))
            else:
                return generation
        return None

    def _clear(self, keep: Collection[str], oldest: datetime) -> None:
        for name in names(self._folder):
            if moment(name) < oldest and name not in keep and _remove(self._folder / name):
                self._log.info("index.removed", name=name)


@contextmanager
def held(generation: Generation) -> Generator[None, None, None]:
    """Keep the generation's folder from being removed. Raises Unavailable where it is gone."""
    with one_sentence(generation.folder):
        folder = os.open(generation.folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_SH)
        yield
    finally:
        os.close(folder)


def _remove(path: Path) -> bool:
    """Remove the folder unless somebody holds it; what several want to remove, one does."""
    with suppress(OSError):
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _drop(path)
        finally:
            os.close(folder)
        return True
    return False


def _drop(path: Path) -> None:
    """Take the folder away; its name is free at once, even if this process is killed now."""
    (path.parent / _ASIDE).mkdir(exist_ok=True)
    dropped = path.rename(path.parent / _ASIDE / f"dropped-{path.name}")
    shutil.rmtree(dropped, ignore_errors=True)


def _checked(name: str) -> str:
    if not is_name(name):
        raise Invalid(f"{name!r} is no name of a generation.")
    return name


def _checked_file(name: str) -> str:
    if not _FILE.fullmatch(name):
        raise Unavailable(f"A generation has no file {name!r}.")
    return name


def _sound(home: Path) -> Generation:
    generation = read(home)
    verify(generation)
    return generation


def _manifest(folder: Path) -> Manifest:
    """Return the manifest that has come so far alone."""
    try:
        text = (folder / MANIFEST).read_bytes()
        version = json.loads(text)["format_version"]
        if version != FORMAT_VERSION:
            raise Unavailable(f"{folder.name} has index format {version}; this program reads {FORMAT_VERSION}.")
        return Manifest.of_json(text)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unavailable(f"{folder.name} is damaged: its manifest cannot be read ({error}).") from error


def _settle(aside: Path, home: Path) -> Generation:
    """Verify what has been fetched, put it on disk for good and give it its name in place of what may be there."""
    fetched = _sound(aside)
    with one_sentence(home):
        for path in (*aside.iterdir(), aside):
            _sync(path)
        if home.exists():
            _drop(home)
        aside.rename(home)
        _sync(home.parent)
    return Generation(home, fetched.manifest)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
