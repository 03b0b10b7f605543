"""The pointer: a small file beside the generations that says which of them is served, written in one step.

The indexer writes it. A search process reads it only when it starts and the indexer does not answer.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from services.kit.files import write_whole

FILE_NAME = "serving.json"


@dataclass(frozen=True, slots=True)
class Pointer:
    """Names of generations; empty for none."""

    current: str = ""
    """What everybody serves, or goes back to."""
    delta: str = ""
    """The newest delta over it."""
    previous: str = ""
    """What was served before, kept for an instant rollback."""
    next: str = ""
    """What is being rolled out."""
    bad: tuple[str, ...] = ()
    """What was refused by a search process or rolled back; served again only when somebody asks for it."""
    held: str = ""
    """Why nothing new is rolled out, until somebody asks for it; empty where it is."""


def read_pointer(folder: Path) -> Pointer:
    """Return what the folder's pointer says; one that is missing or damaged says nothing."""
    try:
        said = json.loads((folder / FILE_NAME).read_bytes())
        return Pointer(**{**said, "bad": tuple(map(str, said["bad"]))})
    except (OSError, ValueError, TypeError, KeyError):
        return Pointer()


def write_pointer(folder: Path, pointer: Pointer) -> None:
    """Replace the pointer. Raises Unavailable where the disk does not take it."""
    write_whole(folder / FILE_NAME, json.dumps(asdict(pointer), indent=2) + "\n")
