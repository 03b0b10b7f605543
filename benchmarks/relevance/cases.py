"""One query of many, and what counts as its answer."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.engines import Hit


@dataclass(frozen=True, slots=True)
class Clean:
    """What a person meant to type: the words before anything happened to them."""

    words: tuple[str, ...]
    cut: bool = False
    """Whether the last word is only the beginning of one."""


@dataclass(frozen=True, slots=True)
class Case:
    """Something typed, and what is meant by it."""

    typed: str
    meant: str
    """For people to read."""
    accepted: AbstractSet[Hit]
    """Whatever of these comes first counts."""
    clean: Clean = Clean(())


Cases: TypeAlias = dict[str, list[Case]]
"""By class."""
