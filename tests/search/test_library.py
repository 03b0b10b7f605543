"""The folder of generations: what is here whole is used, the rest is fetched, whole or not at all."""

import asyncio
import json
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import pytest

from services.kit.clock import ManualClock
from services.kit.errors import Unavailable
from services.kit.logs import LogFormat, LogLevel, open_log
from services.search.clients.indexer import MemoryIndexer
from services.search.domain.rollout import Assignment
from services.search.index.build import build
from services.search.index.generations import MANIFEST, Generation, verify
from services.search.index.holding import held, remove_unless_held
from services.search.index.library import Library, Reason, Unusable
from tests.search.invented import invented_documents
from tests.search.oracle import hit

Spoil: TypeAlias = Callable[[Generation], object]
"""Damages a generation."""


def published(folder: Path, day: int = 1) -> Generation:
    """Return a generation that the indexer has published on that day."""
    built_at = datetime(2026, 1, day, tzinfo=UTC)
    return build(invented_documents(60, seed=day), folder, hit, source_generation=day, built_at=built_at)


@pytest.fixture
def indexer(tmp_path: Path) -> MemoryIndexer:
    """Return an indexer with a folder of its own."""
    return MemoryIndexer(tmp_path / "indexer")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a machine that has nothing yet."""
    return tmp_path / "index"


def library(folder: Path, indexer: MemoryIndexer) -> Library:
    """Return a process's view of the folder."""
    return Library(folder, indexer, open_log("search", ManualClock(), LogFormat.TEXT, LogLevel.ERROR))


def names(folder: Path) -> set[str]:
    """Return what generations are in the folder, whole or not."""
    return {path.name for path in folder.rglob("*gen-*")}


def flip_a_byte(path: Path) -> None:
    """Damage a file in a way that keeps its size."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


async def test_what_is_here_is_not_fetched(indexer: MemoryIndexer) -> None:
    """On the indexer's own machine its folder is used as it is."""
    generation = published(indexer.folder)
    assert await library(indexer.folder, indexer).get(generation.name) == generation
    assert indexer.fetched == []


async def test_what_is_not_here_is_fetched(indexer: MemoryIndexer, folder: Path) -> None:
    """It arrives with the same name and every byte, and is there the next time."""
    there = published(indexer.folder)
    here = await library(folder, indexer).get(there.name)
    verify(here)
    assert (here.folder, here.manifest) == (folder / there.name, there.manifest)
    fetched = [*indexer.fetched]
    assert await library(folder, indexer).get(there.name) == here
    assert indexer.fetched == fetched == [f"{there.name}/{file}" for file in (MANIFEST, *there.manifest.files)]


async def test_processes_of_one_machine_share_a_fetch(indexer: MemoryIndexer, folder: Path) -> None:
    """However many want a generation at once, each file comes once."""
    there = published(indexer.folder)
    found = await asyncio.gather(*(library(folder, indexer).get(there.name) for _ in range(4)))
    assert {generation.folder for generation in found} == {folder / there.name}
    assert len(indexer.fetched) == 1 + len(there.manifest.files)


async def test_what_a_disk_has_spoilt_is_fetched_again(indexer: MemoryIndexer, folder: Path) -> None:
    """A damaged copy heals by itself where the indexer has a good one."""
    there = published(indexer.folder)
    here = await library(folder, indexer).get(there.name)
    flip_a_byte(here.path("index.db"))
    verify(await library(folder, indexer).get(there.name))


async def test_what_a_killed_process_left_goes(indexer: MemoryIndexer, folder: Path) -> None:
    """A part of a fetch that was never finished, or of a removal, is no obstacle and does not stay."""
    there = published(indexer.folder)
    for name in (f"gen/{there.name}", "gen/gen-20250101T000000Z-00000000", f"dropped-{there.name}"):
        (folder / ".aside" / name).mkdir(parents=True)
        (folder / ".aside" / name / MANIFEST).write_text("{")
    here = await library(folder, indexer).get(there.name)
    assert names(folder) == {there.name, f"dropped-{there.name}"}
    assert remove_unless_held(here.folder)
    assert names(folder) == set()


def cut_short(generation: Generation) -> None:
    """Take the end off the index file."""
    index = generation.path("index.db")
    index.write_bytes(index.read_bytes()[:-100])


def make_longer(generation: Generation) -> None:
    """Add to the index file."""
    index = generation.path("index.db")
    index.write_bytes(index.read_bytes() + b"more")


def change_manifest(**changes: object) -> Spoil:
    """Return what changes fields of the manifest."""

    def change(generation: Generation) -> None:
        path = generation.path(MANIFEST)
        path.write_text(json.dumps(json.loads(path.read_bytes()) | changes))

    return change


FACTS = {"size_bytes": 1, "sha256": ""}
REFUSED: dict[str, tuple[Spoil, Reason, str]] = {
    "cut-short": (cut_short, Reason.DAMAGED, r"gen-\S+ is damaged: index.db has \d+ bytes"),
    "flipped": (lambda there: flip_a_byte(there.path("index.db")), Reason.DAMAGED, r"gen-\S+ is damaged: the checksum"),
    "longer": (make_longer, Reason.DAMAGED, "more than"),
    "file-lost": (lambda there: there.path("index.db").unlink(), Reason.DAMAGED, "no index.db"),
    "manifest-no-json": (lambda there: there.path(MANIFEST).write_text("{"), Reason.DAMAGED, "its manifest"),
    "format-unknown": (change_manifest(format_version=99, files={"new": "?"}), Reason.FORMAT, "has index format 99"),
    "file-outside": (
        change_manifest(files={"../../x.db": FACTS}),
        Reason.DAMAGED,
        r"no file is called '\.\./\.\./x\.db'",
    ),
}


@pytest.mark.parametrize(("spoil", "reason", "sentence"), REFUSED.values(), ids=REFUSED)
async def test_what_is_not_whole_never_gets_its_name(
    indexer: MemoryIndexer,
    folder: Path,
    spoil: Spoil,
    reason: Reason,
    sentence: str,
) -> None:
    """It is refused in one sentence, and nothing of it stays."""
    there = published(indexer.folder)
    spoil(there)
    with pytest.raises(Unusable, match=sentence) as refusal:
        await library(folder, indexer).get(there.name)
    assert (refusal.value.name, refusal.value.reason) == (there.name, reason)
    assert names(folder) == set()


async def test_of_an_unknown_format_only_the_manifest_is_fetched(indexer: MemoryIndexer, folder: Path) -> None:
    """What cannot be read is not worth a long download."""
    there = published(indexer.folder)
    change_manifest(format_version=99)(there)
    with pytest.raises(Unavailable):
        await library(folder, indexer).get(there.name)
    assert indexer.fetched == [f"{there.name}/{MANIFEST}"]


@pytest.mark.parametrize("name", ["", "..", "gen-1/../../etc", "gen-20260101T000000Z-0000000", "/etc"])
async def test_a_name_is_checked_before_it_becomes_a_path(indexer: MemoryIndexer, folder: Path, name: str) -> None:
    """Whatever an indexer assigns, nothing outside the folder is touched."""
    with pytest.raises(Unusable, match="no name of a generation"):
        await library(folder, indexer).get(name)


@contextmanager
def full_disk(size_bytes: int) -> Iterator[None]:
    """Let no file grow beyond the size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_is_one_sentence(indexer: MemoryIndexer, folder: Path) -> None:
    """It says what is in the way, leaves no half of it, and the fetch succeeds once there is room."""
    there = published(indexer.folder)
    with full_disk(4096), pytest.raises(Unavailable, match=r"cannot be used.*Make room"):
        await library(folder, indexer).get(there.name)
    assert names(folder) == set()
    await library(folder, indexer).get(there.name)


async def test_the_newest_sound_generation_is_found(indexer: MemoryIndexer) -> None:
    """A damaged one does not hide the one before; a folder that is not there has none."""
    first, second = published(indexer.folder, day=1), published(indexer.folder, day=2)
    assert await library(indexer.folder, indexer).newest() == Assignment(second.name)
    flip_a_byte(second.path("index.db"))
    assert await library(indexer.folder, indexer).newest() == Assignment(first.name)
    assert await library(indexer.folder / "nowhere", indexer).newest() is None


async def test_what_nobody_needs_is_removed(indexer: MemoryIndexer) -> None:
    """What is older than the one served goes, unless it is to be kept or somebody has it open."""
    folder = indexer.folder
    for day in range(1, 7):
        copied = folder / f"gen-2026010{day}T000000Z-00000000"
        shutil.copytree(published(folder.parent / "built", day).folder, copied)
    there = {path.name[4:12]: path for path in folder.iterdir()}
    opened = Generation(there["20260102"], published(folder.parent / "built", 9).manifest)
    with held(opened), held(opened):
        await library(folder, indexer).clear({there["20260101"].name}, [there["20260105"].name])
    assert {name[4:12] for name in names(folder)} == {"20260101", "20260102", "20260105", "20260106"}
    await library(folder, indexer).clear((), [there["20260105"].name])
    assert {name[4:12] for name in names(folder)} == {"20260105", "20260106"}


def test_what_is_gone_cannot_be_held(folder: Path) -> None:
    """A generation that was removed before it was opened is said in one sentence."""
    with (
        pytest.raises(Unavailable, match="cannot be used"),
        held(Generation(folder / "gone", published(folder).manifest)),
    ):
        pass
