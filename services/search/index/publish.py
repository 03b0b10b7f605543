"""Lets a finished index appear among the generations, whole or not at all.

Several processes share the folder: any may read, and one at a time, under the folder's lock, builds and clears up. What
is unfinished, or on its way out, has a name that begins with a dot.
"""

import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.kit.errors import Conflict
from services.kit.files import lock
from services.search.index.generations import MANIFEST, FileFacts, Generation, Manifest, checksum, survey
from services.search.index.schema import FORMAT_VERSION

KEPT = 2
"""How many generations stay: the newest, and the one before it for processes that are still opening it."""


@contextmanager
def workspace(folder: Path) -> Generator[Path, None, None]:
    """Give the one builder an empty folder inside the folder of generations, and remove it afterwards.

    What builders left behind when they were killed goes too. Raises Conflict where another process is building.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = Conflict(f"Another process is building an index in {folder}.")
    with lock(folder / ".lock", lambda _holder: taken):
        for leftover in folder.glob(".*/"):
            shutil.rmtree(leftover)
        building = folder / f".building-{os.getpid()}"
        building.mkdir()
        try:
            yield building
        finally:
            shutil.rmtree(building, ignore_errors=True)


def publish(
    building: Path, *, source_generation: int, built_at: datetime, document_counts: Mapping[str, int]
) -> Generation:
    """Describe the files in the workspace, put all on disk for good and give them their name.

    Generations older than those to keep are removed.
    """
    folder, files = building.parent, sorted(building.iterdir())
    built_at = _after_newest(folder, built_at)
    manifest = Manifest(
        format_version=FORMAT_VERSION,
        source_generation=source_generation,
        built_at=built_at,
        document_counts=document_counts,
        files={path.name: FileFacts(path.stat().st_size, checksum(path)) for path in files},
    )
    (building / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    for path in (*files, building / MANIFEST, building):
        _sync(path)
    home = building.rename(folder / f"gen-{built_at:%Y%m%dT%H%M%SZ}-{checksum(building / MANIFEST)[:8]}")
    _sync(folder)
    _remove_old(folder)
    return Generation(home, manifest)


def _after_newest(folder: Path, moment: datetime) -> datetime:
    """Return the moment in whole seconds, moved behind the newest generation's where a clock has gone back."""
    moment = moment.astimezone(UTC).replace(microsecond=0)
    newest = survey(folder).newest
    return max(moment, newest.manifest.built_at + timedelta(seconds=1)) if newest else moment


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_old(folder: Path) -> None:
    """Remove whatever is older than the generations to keep, usable or not."""
    oldest_kept = survey(folder).usable[:KEPT][-1].name
    for old in folder.glob("gen-*"):
        if old.name < oldest_kept:
            doomed = old.rename(folder / f".{old.name}")  # gone at once, even if we are killed now
            shutil.rmtree(doomed, ignore_errors=True)
