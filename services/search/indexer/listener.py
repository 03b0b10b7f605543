"""Who hears what the cycle does."""


class Listener:
    """Hears what happens. This one makes nothing of it."""

    def built(self, outcome: str, seconds: float) -> None:
        """Hear that a whole index was `published`, `refused` or `failed`."""

    def refused(self, gate: str) -> None:
        """Hear that a gate refused one."""

    def ended(self, outcome: str) -> None:
        """Hear that a rollout was `completed`, `stopped` or `rolled_back`."""
