"""What a search engine looks like to the benchmarks: it is opened over documents and then searched with what is typed.

Ours is in `benchmarks.ours`, the others in `benchmarks.peers`; what they are opened over in `benchmarks.corpora`.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from backline.search.v1 import search_pb2 as pb
from services.search.domain.document import Document, Kind

_KINDS = {pb.KIND_TRACK: Kind.TRACK, pb.KIND_ALBUM: Kind.ALBUM, pb.KIND_ARTIST: Kind.ARTIST}


class Hit(NamedTuple):
    """A document that an engine found."""

    kind: Kind
    id: str

    @classmethod
    def of(cls, encoded: bytes) -> "Hit":
        """Return which document the bytes of a hit show."""
        hit = pb.Hit.FromString(encoded)
        return cls(_KINDS[hit.kind], hit.id)


class Searcher(Protocol):
    """An engine that stands open over its documents."""

    def search(self, typed: str, limit: int) -> Sequence[bytes]:
        """Return at most `limit` hits for what was typed, best first; nothing where it has no idea.

        They are as an answer would send them: encoded, with all that a list of results shows.
        """
        ...


class Engine(Protocol):
    """A way to search."""

    @property
    def name(self) -> str:
        """Return what figures call it by: small letters and underscores."""
        ...

    def open(self, documents: Iterable[Document], folder: Path) -> AbstractContextManager[Searcher]:
        """Build in the folder what does not stand there yet, and open it.

        The documents are gone through at most once, artists first, then albums, then tracks; where the folder holds
        what an earlier opening built of the same documents, not at all.
        """
        ...
