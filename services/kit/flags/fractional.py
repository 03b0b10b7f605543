"""`fractional/3`: who falls into which share, by flagd's third hash. Whoever changes it moves everybody.

    bucket = murmur3_32(CBOR(unit)) * total >> 32

where the unit is [flag key, targeting key] or what a rule gives instead, and the total is that of the weights: each
part owns as many neighbouring buckets as it weighs, in the order of the rule. (The flagd project's decision record on
`fractional` with CBOR; vectors are in tests/kit/flags/fractional_vectors.json.)
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from mmh3 import mmh3_32_uintdigest

from services.kit.flags.cbor import encoded
from services.kit.flags.values import Json

HASH_BITS = 32
MOST_WEIGHT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a whole."""

    variants: tuple[Json, ...]
    ends: tuple[int, ...]
    """The first bucket behind each part."""

    @property
    def total(self) -> int:
        """How many buckets there are."""
        return self.ends[-1]

    @property
    def limits(self) -> tuple[int, ...]:
        """The first hash behind each part, which spares the multiplication."""
        return tuple(-(-(end << HASH_BITS) // self.total) for end in self.ends)

    def bucket(self, digest: int) -> int:
        """Return the bucket of a hash."""
        return digest * self.total >> HASH_BITS

    def chosen(self, digest: int) -> Json:
        """Return the variant of a hash."""
        return self.variants[bisect_right(self.ends, self.bucket(digest))]


def split(parts: Iterable[Json]) -> Split | None:
    """Return the parts as a rule has them, each [variant, weight] or [variant]; None where they are not sound.

    A weight below zero counts as none, since a rollout may compute one.
    """
    read = [_part(part) for part in parts]
    sound = [part for part in read if part is not None]
    ends = tuple(accumulate(weight for _, weight in sound))
    if len(sound) < len(read) or not ends or not 0 < ends[-1] <= MOST_WEIGHT:
        return None
    return Split(tuple(variant for variant, _ in sound), ends)


def digest(unit: Json) -> int | None:
    """Return the hash of a unit in 32 bits; None for one that has no bytes, such as half a character."""
    try:
        return mmh3_32_uintdigest(encoded(unit))
    except (UnicodeEncodeError, TypeError, RecursionError):
        return None


def _part(part: Json) -> tuple[Json, int] | None:
    if not isinstance(part, list) or len(part) not in (1, 2):
        return None
    variant, weight = part if len(part) == 2 else (*part, 1)  # noqa: PLR2004 - a variant and its weight
    if isinstance(weight, bool) or not isinstance(weight, int):
        return None
    return variant, max(0, weight)
