"""How flags are followed: the times, all in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """How a process keeps its flags true to the service's."""

    poll_s: float = 10.0
    """Between two questions beside the stream, give or take half of it."""
    heartbeat_s: float = 5.0
    """How often the service gives a sign of life, at least; after three that did not come its stream is given up."""
    first_pause_s: float = 0.1
    most_pause_s: float = 10.0
    """Before a stream is tried again: at first, and after many failures."""
    patience_s: float = 0.5
    """How long a start waits for flags, at most."""
    farewell_s: float = 0.5
    """How long a stop waits for the service to hear of it, at most."""
    settle_s: float = 1.0
    """Between a change and its way to the disk."""
    fetch_limit_s: float = 2.0
    sample_s: float = 5.0
    """Between two samples of contexts that are sent."""
    sample_contexts: int = 100
    """How many contexts such a sample has at most."""

    @property
    def silence_s(self) -> float:
        """Return how long a stream that still works may say nothing."""
        return 3 * self.heartbeat_s
