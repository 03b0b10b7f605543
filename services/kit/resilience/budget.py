"""A bound on trying again: retries are a share of calls, so that an outage is not answered with twice the load."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Budget:
    """Tokens that calls earn and retries spend (the scheme of gRPC's retry throttling, A6, with calls as income).

    It begins full, so that the first fault after a start is covered.
    """

    most: float
    """Retries at once: what may fail together when one of several endpoints dies."""
    share: float = 0.1
    """Retries per call in the long run."""
    _tokens: float = field(init=False)

    def __post_init__(self) -> None:
        """Fill it."""
        self._tokens = self.most

    def earn(self) -> None:
        """Count a call."""
        self._tokens = min(self.most, self._tokens + self.share)

    def spend(self) -> bool:
        """Take what one retry costs, and return whether there was enough."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
