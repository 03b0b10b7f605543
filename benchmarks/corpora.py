"""What engines are compared over: catalogues, item by item as the catalog has them and as search's documents."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from backline.catalog.v1 import catalog_pb2 as pb
from services.catalog.api.wire import item_message
from services.catalog.domain.items import Album, Artist, Item, Track
from services.catalog.imports.generated.source import generated
from services.catalog.imports.music_routes import open_music_routes
from services.catalog.imports.source import Reject, Source
from services.search.clients.catalog import rows
from services.search.domain.document import Document
from services.search.domain.export import Join

SCALES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
"""Generated catalogues by name: how many tracks each has."""
SEED = 1
_CHUNK_ITEMS = 500


@dataclass(frozen=True, slots=True)
class Corpus:
    """A catalogue that can be gone through again and again."""

    name: str
    items: Callable[[], Iterator[Item]]
    """Starts anew: artists, then albums, then tracks."""

    def documents(self) -> Iterator[Document]:
        """Yield what search's own builder would get from the catalog's export."""
        items, join = self.items(), Join()
        while chunk := list(islice(items, _CHUNK_ITEMS)):
            yield from join.documents(rows(pb.ExportResponse(items=map(item_message, chunk))))


def generated_corpus(scale: str) -> Corpus:
    """Return the invented catalogue of that scale."""
    return Corpus(scale, partial(_in_order, generated(SCALES[scale], SEED)))


def music_routes_corpus(folder: Path) -> Corpus:
    """Return the music-routes catalogue. Raises Invalid, with one sentence, where the folder does not hold it."""
    return Corpus("music_routes", partial(_in_order, open_music_routes(folder)))


def _in_order(source: Source) -> Iterator[Item]:
    albums: list[Album] = []
    for item in _accepted(source):
        match item:
            case Artist():
                yield item
            case Album():
                albums.append(item)
    yield from albums
    yield from (item for item in _accepted(source) if isinstance(item, Track))  # the many, which are not kept


def _accepted(source: Source) -> Iterable[Item]:
    return (entry for entry in source.entries() if not isinstance(entry, Reject))
