"""What a server of several lets the others know, as JSON: who is served there, and what a caller there has shown."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from services.flags.domain.head import Shown
from services.flags.domain.roster import Listing, Subscriber


@dataclass(frozen=True, slots=True)
class Shared:
    """What one server says."""

    listing: Listing
    shown: Shown

    def encoded(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), separators=(",", ":"))


def elsewhere(rosters: Mapping[str, str], here: str) -> dict[str, Shared]:
    """Return what the servers other than this one say; one of another release that cannot be read says nothing."""
    said = {server: _decoded(text) for server, text in rosters.items() if server != here}
    return {server: shared for server, shared in said.items() if shared}


def _decoded(text: str) -> Shared | None:
    try:
        said = json.loads(text)
        listings = {field: tuple(Subscriber(**each) for each in them) for field, them in said["listing"].items()}
        return Shared(Listing(**listings), Shown(**said["shown"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
