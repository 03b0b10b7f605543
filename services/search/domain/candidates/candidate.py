"""What is known of a document that may be meant: all that rankers go by."""

from typing import NamedTuple

KIND, EXPLICIT, LOCAL = 0b11, 0b100, 0b1000
"""The bits of a candidate's traits: its Kind's number, its words marked as explicit, to be played in some markets only.
"""
TRAITS = range(0b10000)
"""All that there are."""
END = "\0"
"""What each of a candidate's texts ends with."""


class Candidate(NamedTuple):
    """One document that answers a reading of a query.

    A search makes fifty of them and shows twenty, so what an index has together stays together until it is wanted.
    """

    position: int
    """Its place among all documents by popularity; only the order means something."""
    traits: int
    text: str
    """The title and then the credit, or the artists' names, each folded and with its end."""
    popularity: int

    @classmethod
    def of(
        cls,
        position: int,
        kind: int,
        title: str,
        artists: str,
        popularity: int,
        *,
        explicit: bool = False,
        local: bool = False,
    ) -> "Candidate":
        """Return the candidate of a document of which this is known."""
        return cls(position, traits(kind, explicit=explicit, local=local), f"{title}{END}{artists}{END}", popularity)

    @property
    def kind(self) -> int:
        """Return its Kind's number."""
        return self.traits & KIND

    @property
    def title(self) -> str:
        """Return the title, folded."""
        return self.text.split(END, 1)[0]

    @property
    def artists(self) -> str:
        """Return the credit or the artists' names, folded; nothing for an artist."""
        return self.text.split(END, 2)[1]


def traits(kind: int, *, explicit: bool, local: bool) -> int:
    """Return a candidate's traits."""
    return kind | EXPLICIT * explicit | LOCAL * local
