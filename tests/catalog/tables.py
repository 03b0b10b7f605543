"""Small tables of invented tracks in files, and what becomes of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from services.catalog.domain.items import Album, Artist, Track
from services.catalog.imports.delimited.detection import Asked
from services.catalog.imports.delimited.naming import Naming
from services.catalog.imports.delimited.source import Reading, open_delimited
from services.catalog.imports.source import Entry, Reject, Source

T = TypeVar("T", Artist, Album, Track, Reject)


def opened(
    path: Path,
    content: str | bytes,
    *,
    mapped: Mapping[str, str] | None = None,
    asked: Asked | None = None,
    naming: Naming | None = None,
) -> Source:
    """Write the content to the file and open that."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_delimited(path, Reading(mapped or {}, asked or Asked(), naming or Naming()))


def kind(entries: Sequence[Entry], wanted: type[T]) -> list[T]:
    """Return the entries of that kind."""
    return [entry for entry in entries if isinstance(entry, wanted)]
