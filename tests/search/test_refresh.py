"""Search brings its index up to the catalogue, and serves what it has while it cannot."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from services.kit.clock import ManualClock
from services.kit.errors import Unavailable
from services.kit.logs import LogFormat, LogLevel, open_log
from services.search.api.wire import encode_hit
from services.search.clients.catalog import MemoryCatalogue
from services.search.domain.export import ArtistRow, Catalogue, Export
from services.search.index.build import Unwritable
from services.search.index.generations import Generation, survey
from services.search.index.refresh import Refresh

ROWS = (ArtistRow("demo:a1", "Nightbus"), ArtistRow("demo:a2", "Ana Lima"))


class Gone:
    """A catalog that cannot be asked."""

    def export(self, known_generation: int) -> AbstractAsyncContextManager[Export]:
        """Fail."""
        raise Unavailable(f"The catalog is away; nobody says what follows generation {known_generation}.")


async def refreshed(folder: Path, catalogue: Catalogue) -> Generation:
    """Return the generation that a process starting now would serve."""
    clock = ManualClock()
    log = open_log("search", clock, LogFormat.TEXT, LogLevel.ERROR)
    return await Refresh(folder, catalogue, encode_hit, clock, log).generation()


async def test_an_index_is_built_once_for_each_catalogue_generation(tmp_path: Path) -> None:
    """The same catalogue needs no second index; a changed one gets a new one."""
    first = await refreshed(tmp_path, MemoryCatalogue(7, ROWS))
    assert first.manifest.source_generation == 7
    assert first.manifest.document_counts == {"artist": 2}
    assert await refreshed(tmp_path, MemoryCatalogue(7, ROWS)) == first
    assert (await refreshed(tmp_path, MemoryCatalogue(8, ROWS[:1]))).manifest.document_counts == {"artist": 1}


async def test_another_catalogue_with_the_same_number_is_noticed(tmp_path: Path) -> None:
    """A catalogue that was removed and made anew may count to the same generation; what it holds differs."""
    await refreshed(tmp_path, MemoryCatalogue(7, ROWS))
    assert (await refreshed(tmp_path, MemoryCatalogue(7, ROWS[:1]))).manifest.document_counts == {"artist": 1}


async def test_while_the_catalog_is_gone_the_newest_index_serves(tmp_path: Path) -> None:
    """A restart of search does not need the catalog."""
    first = await refreshed(tmp_path, MemoryCatalogue(7, ROWS))
    assert await refreshed(tmp_path, Gone()) == first


async def test_a_changed_byte_is_found_and_the_index_built_anew(tmp_path: Path) -> None:
    """An index that a disk has spoilt is never served."""
    spoilt = await refreshed(tmp_path, MemoryCatalogue(7, ROWS))
    content = bytearray(spoilt.path("index.db").read_bytes())
    content[len(content) // 2] ^= 1
    spoilt.path("index.db").write_bytes(content)
    mended = await refreshed(tmp_path, MemoryCatalogue(7, ROWS))
    assert mended.name != spoilt.name


async def test_with_the_catalog_gone_a_spoilt_index_gives_way_to_the_one_before(tmp_path: Path) -> None:
    """The previous generation is kept for the day that the newest cannot be read."""
    before = await refreshed(tmp_path, MemoryCatalogue(7, ROWS))
    newest = await refreshed(tmp_path, MemoryCatalogue(8, ROWS))
    (newest.folder / "manifest.json").write_text("{")
    assert await refreshed(tmp_path, Gone()) == before


async def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """Without any index there is nothing to serve, so the process says why and ends."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unwritable, match="The index cannot be written"):
        await refreshed(tmp_path / "file" / "index", MemoryCatalogue(7, ROWS))


async def test_a_disk_that_is_full_leaves_the_old_index_in_service(tmp_path: Path) -> None:
    """What cannot be replaced goes on serving."""
    first = await refreshed(tmp_path, MemoryCatalogue(7, ROWS))
    (tmp_path / ".lock").unlink()
    (tmp_path / ".lock").mkdir()
    assert await refreshed(tmp_path, MemoryCatalogue(8, ROWS[:1])) == first
    assert survey(tmp_path).usable == (first,)


class Overtaken:
    """A catalog whose export takes so long that another process has built its index meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def export(self, known_generation: int) -> AsyncGenerator[Export, None]:
        """Let the other process finish, then open the export."""
        catalogue = MemoryCatalogue(7, ROWS)
        await refreshed(self._folder, catalogue)
        async with catalogue.export(known_generation) as export:
            yield export


async def test_an_index_that_another_process_built_meanwhile_is_not_built_again(tmp_path: Path) -> None:
    """Of processes that start together, one builds and all serve what it built."""
    served = await refreshed(tmp_path, Overtaken(tmp_path))
    assert survey(tmp_path).usable == (served,)
