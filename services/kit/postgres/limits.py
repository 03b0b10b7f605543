"""How much of a database one process takes, and for how long."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one process's use of the database. A request's own deadline comes first where it is earlier."""

    connections: int = 8
    """Shared by reads and writes. The server's max_connections has to hold those of every replica, and what each has
    open beside them."""
    waiting: int = 512
    """Calls that may wait for a connection."""
    writes_waiting: int = 16
    """Writes that may wait for the one under way."""
    read_s: float = 5.0
    write_s: float = 30.0
    open_s: float = 30.0
    """Reaching the database."""
    migrate_s: float = 1_800.0
    """Waiting for another process's migrations, and running one's own, which may touch every row."""
