"""The indexer's side of the folder of generations: what is there at the start, what is placed, refused and taken away.

Everything here touches the disk and is called in threads, one at a time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from services.kit.errors import NotFound, Unavailable
from services.kit.logs import Logger
from services.search.index.generations import PREFIXES, Generation, first_sound, is_name, read, survey, verify
from services.search.index.pointer import Pointer, read_pointer, write_pointer
from services.search.index.publish import clear, place

_REFUSED = ".refused"


@dataclass(frozen=True, slots=True)
class Found:
    """What a start finds."""

    pointer: Pointer
    current: Generation | None = None
    previous: Generation | None = None
    next: Generation | None = None
    """One that was being rolled out, or that is newer and was never looked at."""


@dataclass(frozen=True, slots=True)
class Store:
    """The folder."""

    folder: Path
    log: Logger

    def found(self) -> Found:
        """Return what is there and sound: by the pointer, or by age where it says nothing."""
        pointer = read_pointer(self.folder)
        there = survey(self.folder)
        for refused in there.refused:
            self.log.warning("index.refused", reason=refused)
        good = [each for each in there.usable if each.name not in pointer.bad]
        current = self._first_sound([each for each in good if each.name == pointer.current] + good)
        if current is None:
            return Found(pointer)
        previous = self._first_sound([each for each in there.usable if each.name == pointer.previous != current.name])
        newer = [each for each in good if each.name > current.name and each.name != pointer.previous]
        return Found(pointer, current, previous, self._first_sound(newer))

    def delta_of(self, base: str) -> Generation | None:
        """Return the newest sound delta over a base."""
        deltas = survey(self.folder, PREFIXES[1]).usable
        return self._first_sound([delta for delta in deltas if delta.manifest.base == base])

    def get(self, name: str) -> Generation:
        """Return the generation or delta of that name. Raises NotFound where there is none."""
        if not is_name(name) or not (self.folder / name).is_dir():
            raise NotFound(f"There is no generation {name!r}.")
        return read(self.folder / name)

    def admit(self, candidate: Generation) -> Generation:
        """Give a generation its place among the others."""
        return place(candidate, self.folder, candidate.manifest)

    def refuse(self, candidate: Generation) -> Generation:
        """Put a generation aside, where it can be looked at and published after all; the one before it goes."""
        aside = self.folder / _REFUSED
        clear(aside, ())
        return place(candidate, aside, candidate.manifest)

    def refused(self) -> Generation | None:
        """Return the generation that was refused last, if it is still there."""
        return survey(self.folder / _REFUSED).newest

    def point(self, pointer: Pointer) -> None:
        """Write which generation is served. Raises Unavailable where the disk does not take it."""
        write_pointer(self.folder, pointer)

    def clear(self, keep: Collection[str]) -> None:
        """Take away what nobody needs."""
        for name in clear(self.folder, keep):
            self.log.info("index.removed", name=name)

    def check(self, generation: Generation) -> str:
        """Return what is wrong with its files, in a sentence; empty where every byte is as it was written."""
        try:
            verify(generation)
        except Unavailable as failure:
            return str(failure)
        return ""

    def _first_sound(self, generations: Collection[Generation]) -> Generation | None:
        return first_sound(generations, lambda fault: self.log.warning("index.refused", reason=fault))
