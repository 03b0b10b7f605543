"""Lets a finished index appear among the generations, whole or not at all.

One process builds and publishes, any number may read. What is unfinished has a name that begins with a dot.
"""

import os
import shutil
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.kit.errors import Conflict
from services.kit.files import lock, one_sentence, sync
from services.search.index.generations import (
    MANIFEST,
    FileFacts,
    Generation,
    Manifest,
    checksum,
    moment,
    name_of,
    names,
)
from services.search.index.holding import remove_unless_held
from services.search.index.schema import FORMAT_VERSION

_BUILDING = ".building-"


@contextmanager
def workspace(folder: Path) -> Generator[Path, None, None]:
    """Give the one builder an empty folder inside the folder of generations, and remove it afterwards.

    What builders left behind when they were killed goes too. Raises Conflict where another process is building.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = Conflict(f"Another process is building an index in {folder}.")
    with lock(folder / ".lock", lambda _holder: taken):
        for leftover in folder.glob(f"{_BUILDING}*/"):
            shutil.rmtree(leftover, ignore_errors=True)
        building = folder / f"{_BUILDING}{os.getpid()}"
        building.mkdir()
        try:
            yield building
        finally:
            shutil.rmtree(building, ignore_errors=True)


def publish(
    building: Path, *, source_generation: int, built_at: datetime, document_counts: Mapping[str, int], base: str = ""
) -> Generation:
    """Describe the files in the workspace, put all on disk for good and give them their name."""
    folder, files = building.parent, sorted(building.iterdir())
    manifest = Manifest(
        format_version=FORMAT_VERSION,
        source_generation=source_generation,
        built_at=after_newest(folder, built_at),
        document_counts=document_counts,
        files={path.name: FileFacts(path.stat().st_size, checksum(path)) for path in files},
        base=base,
    )
    for path in files:
        sync(path)
    return _named(described(building, manifest), folder)


def place(generation: Generation, folder: Path, manifest: Manifest) -> Generation:
    """Move a generation that is on disk for good into another folder of the same disk, with what is known of it now.

    Raises Unavailable where the disk does not take that.
    """
    with one_sentence(folder):
        folder.mkdir(parents=True, exist_ok=True)
        moved_on = replace(manifest, built_at=after_newest(folder, manifest.built_at))
        return _named(described(generation.folder, moved_on), folder)


def described(home: Path, manifest: Manifest) -> Generation:
    """Write what is known of a generation into its folder, for good. Raises Unavailable where that fails."""
    text = home / MANIFEST
    with one_sentence(text):
        text.write_text(manifest.to_json(), encoding="utf-8")
        sync(text)
        sync(home)
    return Generation(home, manifest)


def clear(folder: Path, keep: Collection[str]) -> list[str]:
    """Remove generations and deltas, and return their names: all that are older than the newest to keep.

    Those to keep stay, those that somebody holds, and what has just been put there, which is newer than all others.
    """
    there = names(folder)
    newest = max((moment(name) for name in there if name in keep), default=datetime.max.replace(tzinfo=UTC))
    doomed = [name for name in there if name not in keep and moment(name) < newest]
    return [name for name in doomed if remove_unless_held(folder / name)]


def after_newest(folder: Path, now: datetime) -> datetime:
    """Return the moment in whole seconds, moved behind that of the newest name where a clock has gone back."""
    now = now.astimezone(UTC).replace(microsecond=0)
    newest = max(map(moment, names(folder)), default=now - timedelta(seconds=1))
    return max(now, newest + timedelta(seconds=1))


def _named(generation: Generation, folder: Path) -> Generation:
    """Give the generation the name that follows from its manifest."""
    manifest = generation.manifest
    home = generation.folder.rename(folder / name_of(manifest, checksum(generation.path(MANIFEST))))
    sync(folder)
    return Generation(home, manifest)
