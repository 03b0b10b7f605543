"""What is searched now: one reference that can be replaced while searches run."""

from dataclasses import dataclass

from services.kit.errors import Unavailable
from services.search.domain.engine import Engine


@dataclass(slots=True)
class Current:
    """Holds what is served; a search takes it once and keeps to it."""

    served: Engine | None = None

    def get(self) -> Engine:
        """Return what is served. Raises Unavailable while there is no index yet."""
        if self.served is None:
            raise Unavailable("The search index is not ready yet.")
        return self.served
