"""Which generation a search process serves: what it reports, what it is told, and the port that both go through.

Search processes ask; nobody pushes to them. The indexer knows who serves what from the reports alone, and forgets who
no longer asks.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Report:
    """What one search process says of itself."""

    process: str
    """Its name, unique among the search processes of an indexer."""
    serving: str = ""
    """The generation that it answers from; empty while there is none."""
    delta: str = ""
    """The delta over it; empty for none."""
    refused: str = ""
    """The generation or delta that it was assigned last and could not serve."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the process shall serve."""

    generation: str
    """Empty where nothing has been published yet."""
    delta: str = ""
    """The delta over the generation; empty for none."""
    keep: frozenset[str] = frozenset()
    """Generations and deltas that are to stay on disk although they are not served, for an instant rollback."""
    meanwhile: str = ""
    """The newest delta over what the process serves now, for as long as it cannot serve the generation."""


class Indexer(Protocol):
    """Assigns generations and hands them out. Raises the kit's failures."""

    async def assignment(self, report: Report) -> Assignment:
        """Return what the process that reports shall serve now."""
        ...

    async def fetch(self, name: str, file: str, into: Path, at_most_bytes: int) -> None:
        """Write one file of a generation or delta to a path where there is none yet.

        Raises NotFound where there is no such file, Invalid where it is longer, Unavailable where it comes in part or
        the disk does not take it.
        """
        ...
