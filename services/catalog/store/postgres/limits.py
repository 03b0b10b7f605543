"""How much of a database one catalog takes, and for how long."""

from dataclasses import dataclass

from services.kit.postgres.limits import Limits


@dataclass(frozen=True, slots=True)
class PostgresLimits(Limits):
    """Bounds of one process's use of the database."""

    write_s: float = 600.0
    """A write is one batch, or the emptying of a whole catalogue: about a second for every 200,000 items."""
    snapshots: int = 4
    """Exports under way; each has a connection of its own."""
