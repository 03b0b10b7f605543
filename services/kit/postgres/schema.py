"""The schema that holds a store's tables, and what it is called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.kit.migrations import Migration


@dataclass(frozen=True, slots=True)
class Schema:
    """A store's tables in a database."""

    name: str
    """Of the schema; the database shows it in the names of our connections too."""
    noun: str
    """What the tables hold, for a sentence with "the" before it."""
    remedy: str
    """What to do once broken ones are out of the way, as "start again"."""
    when_crowded: str
    """What to do where the server has no connection free."""
    steps: Callable[[], Sequence[Migration]]
    """Returns what the tables are made by."""

    @property
    def application(self) -> str:
        """What our connections are called in the database."""
        return f"backline-{self.name}"
