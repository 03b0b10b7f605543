"""Who is served by which server, for stores that only one process holds."""

from collections.abc import Mapping

from services.kit.clock import Clock

KEPT_S = 15.0
"""How long a roster counts after it was shared: three times as long as its server may be silent."""


class Rosters:
    """What each server shared last, for as long as that counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shared: dict[str, tuple[float, str]] = {}

    def share(self, server: str, roster: str) -> None:
        """Keep what the server shares, and forget what counts no more."""
        self._shared[server] = self._clock.monotonic(), roster
        self._shared = self._lately()

    def shown(self) -> Mapping[str, str]:
        """Return what counts now, by server."""
        return {server: roster for server, (_, roster) in self._lately().items()}

    def _lately(self) -> dict[str, tuple[float, str]]:
        earliest = self._clock.monotonic() - KEPT_S
        return {server: shared for server, shared in self._shared.items() if shared[0] >= earliest}
