"""The removal of a flag: what forbids it, and who would notice."""

from collections.abc import Iterator

from services.flags.domain.document import SHARED_PREFIX
from services.flags.domain.dry_run import DryRun
from services.flags.domain.references import users
from services.flags.domain.store import State
from services.kit.errors import Conflict


def check_unused(key: str, state: State) -> None:
    """Raise Conflict, naming them, where flags refer to this shared rule, killed ones too."""
    if key.startswith(SHARED_PREFIX):
        using = [flag for flag, _ in users(key.removeprefix(SHARED_PREFIX), state)]
        if using:
            raise Conflict(f"{key} is still used by {', '.join(using)}.")


def second_looks(in_force: DryRun) -> Iterator[str]:
    """Yield what is allowed and still worth a second look, from what the flag does with recent contexts.

    One that decides for nobody, as after a kill, can go unnoticed.
    """
    decided = sum(part.contexts for part in in_force.reached if part.variant)
    if decided:
        yield (
            f"It decides for {decided:,} of {in_force.contexts:,} recent contexts, for whom each caller's own default "
            "holds once it is gone. A kill does the same, and can be ended."
        )
