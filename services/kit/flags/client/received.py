"""One generation of all flags, as it comes from the service or from the disk."""

from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from backline.flags.v1 import flags_pb2 as pb
from services.kit.errors import Invalid

_NANOS = 1_000_000_000


class Held(NamedTuple):
    """A generation, and which of those with its number: two stores that parted have different hashes for one number."""

    generation: int = 0
    """0 for none."""
    hash: str = ""

    def message(self) -> pb.Held:
        """Return it as messages have it."""
        return pb.Held(generation=self.generation, hash=self.hash)


@dataclass(frozen=True, slots=True)
class Received:
    """Definitions, not yet looked at."""

    held: Held
    checksum: str
    """SHA-256 of the definitions, in hexadecimal digits."""
    committed_at_s: float
    """When the generation was committed, in seconds since 1970 by the clock of the server that did."""
    definitions: bytes

    def check(self) -> None:
        """Raise Invalid where the definitions are not those that were sent or written."""
        if sha256(self.definitions).hexdigest() != self.checksum:
            raise Invalid("The definitions do not match their checksum.", field="checksum")


def received(snapshot: pb.Snapshot) -> Received:
    """Return what a message carries."""
    at = snapshot.committed_at
    return Received(
        Held(snapshot.held.generation, snapshot.held.hash),
        snapshot.checksum,
        at.seconds + at.nanos / _NANOS,
        snapshot.definitions,
    )
