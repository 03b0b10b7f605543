"""Pages through a ranked answer.

Candidates come by popularity and are ranked within a window of fifty; the pages of a window are cut from its ranked
order, then the next window begins. So a page ends where its window ends, and no hit is shown twice or left out.
"""

import base64
import re
from dataclasses import dataclass

from services.kit.errors import Invalid

WINDOW = 50
"""As many as the largest page has. More cost a microsecond each, and find next to nothing sooner."""

_CURSOR = re.compile(r"(\S+) ([0-9]{1,15}) ([1-9][0-9]?) ([0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins."""

    after: int = 0
    """The window holds the candidates after this position."""
    window: int = WINDOW
    """How many candidates it holds; fewer where a source's time was up."""
    offset: int = 0
    """The page's first hit within the window's ranked order."""

    def token(self, generation: str) -> str:
        """Return the cursor as a page token that is good for this index generation."""
        text = f"{generation} {self.after} {self.window} {self.offset}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of(cls, token: str, generation: str) -> "Cursor":
        """Return where a page token points, the start for an empty one.

        Raises Invalid for a token of another index generation and for one that no page gave.
        """
        if not token:
            return cls()
        match = _CURSOR.fullmatch(_text(token))
        if match is None:
            raise Invalid("The page token is not one that a page gave; start again without it.", field="page_token")
        if match[1] != generation:
            raise Invalid("The index has been replaced since that page; start again without it.", field="page_token")
        after, window, offset = (int(number) for number in match.groups()[1:])
        return cls(after, min(window, WINDOW), offset)


START = Cursor()


def _text(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError:
        return ""
