"""Bytes that resemble given ones, drawn by seed: the fuzzing that a test does, where no atheris is."""

from collections.abc import Sequence
from random import Random

MOST_CHANGES = 3


def mutated(seeds: Sequence[bytes], chance: Random) -> bytes:
    """Return one of the seeds with a few bytes changed, doubled, lost or put in."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(0, MOST_CHANGES)):
        start = chance.randint(0, len(data))
        end = min(len(data), start + chance.randint(0, 3))
        data[start:end] = chance.choice((b"", data[start:end] * 2, chance.randbytes(end - start), chance.randbytes(1)))
    return bytes(data)
