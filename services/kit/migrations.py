"""The steps by which a store's tables came to be: numbered files of SQL, forward only.

`<number>_<name>.sql`, for example `0002_changes.sql`. A step that was ever released is never edited: what comes next is
a step of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources.abc import Traversable

from services.kit.errors import Invalid


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: the statements that lead from the tables before it to the tables after it."""

    number: int
    """Counts from 1 without a gap."""
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the statements in hexadecimal digits: whether it is the step that was once run."""
        return sha256(self.sql.encode()).hexdigest()


def steps(folder: Traversable) -> list[Migration]:
    """Return the steps in the folder, in order."""
    found = sorted(
        (file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    )
    return [Migration(int(stem[:4]), stem[5:], sql) for stem, sql in found]


def pending(known: Sequence[Migration], applied: Mapping[int, str], place: str) -> Sequence[Migration]:
    """Return the steps that are still to be run at a place, where `applied` has the checksums of those that were.

    Raises Invalid, with one sentence about the place, where a later version or another one ran steps there.
    """
    if max(applied, default=0) > len(known):
        raise Invalid(
            f"{place} has tables of version {max(applied)}, and this program knows version {len(known)}; "
            f"run the program that wrote it, or a newer one."
        )
    for step in known[: len(applied)]:
        if applied.get(step.number) != step.checksum:
            raise Invalid(
                f"{place} was made by another step {step.number:04} ({step.name}) than this program has; "
                f"run the program that wrote it, or begin with a new one."
            )
    return known[len(applied) :]
