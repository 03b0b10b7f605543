"""Shares are what they say and have nothing to do with one another, and hashes known to fail are caught failing."""

import math
import random
import uuid
import zlib
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from services.kit.flags.rule import Compiler
from services.kit.flags.scope import Scope
from tests.kit.flags.chi_square import independence, uniform_p_values, uniformity, upper_gamma

SALTS = 20
IDS = 100_000
SEQUENTIAL = [f"user-{number}" for number in range(IDS)]
_CHANCE = random.Random(17)  # noqa: S311 - the same ids every time
RANDOM = [str(uuid.UUID(int=_CHANCE.getrandbits(128), version=4)) for _ in range(IDS)]

Draw: TypeAlias = Callable[[str, Sequence[str], int], NDArray[np.int64]]
"""From a salt, ids and a number of shares to the share of each."""


def fractional(salt: str, ids: Sequence[str], sides: int) -> NDArray[np.int64]:
    """Return the shares by the product's own rule, for a flag of that name."""
    rule = {"fractional": [[number, 1] for number in range(sides)]}
    run = Compiler(Scope(salt)).compile(rule).run
    return np.array([run({"targetingKey": name}) for name in ids])


def thousandths(salt: str, ids: Sequence[str], sides: int) -> NDArray[np.int64]:
    """Return the shares as the first hash of GrowthBook has them: FNV-1a of id and salt, modulo 1,000."""
    return _fnv1a([f"{name}{salt}" for name in ids]) % 1_000 * sides // 1_000


def checksum(salt: str, ids: Sequence[str], sides: int) -> NDArray[np.int64]:
    """Return the shares by CRC-32 of salt and id."""
    return np.array([zlib.crc32(f"{salt}{name}".encode()) * sides >> 32 for name in ids])


def _fnv1a(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return FNV-1a of 32 bits (draft-eastlake-fnv, section 2) of texts in ASCII."""
    letters = np.array(texts, dtype=bytes)
    value = np.full(len(texts), 0x811C9DC5, dtype=np.int64)
    for column in letters.view(np.uint8).reshape(len(texts), -1).T.astype(np.int64):
        # A shorter text ends in zeros, which are no part of it.
        value = np.where(column, (value ^ column) * 0x01000193 & 0xFFFFFFFF, value)
    return value


def _even(draw: Draw, ids: Sequence[str]) -> bool:
    """Return whether a thousand shares differ as chance has it, over all salts: two-sided, too even is not even."""
    found = [uniformity(np.bincount(draw(f"salt-{salt}", ids, 1_000), minlength=1_000)) for salt in range(SALTS)]
    return uniform_p_values(found) > 0.001 and min(found) > 1e-5


def _apart(draw: Draw, ids: Sequence[str]) -> bool:
    """Return whether tenths by one salt say nothing about those by another, over as many pairs of salts."""
    found = [independence(draw(f"one-{salt}", ids, 10), draw(f"other-{salt}", ids, 10), 10) for salt in range(SALTS)]
    return uniform_p_values(found) > 0.001 and sum(p < 0.01 for p in found) <= SALTS * 0.10


SHAPES = pytest.mark.parametrize("ids", [SEQUENTIAL, RANDOM], ids=["sequential", "random"])


@SHAPES
def test_shares_are_even_and_not_too_even(ids: Sequence[str]) -> None:
    """For either shape of id, people are shared out as evenly as by throws of dice."""
    assert _even(fractional, ids)


def test_a_hash_that_is_too_even_is_caught() -> None:
    """The control: GrowthBook's first hash deals sequential ids out like cards, the same way for every salt."""
    assert not _even(thousandths, SEQUENTIAL)


@SHAPES
def test_what_one_flag_gives_says_nothing_about_another(ids: Sequence[str]) -> None:
    """For either shape of id, two flags share people out independently."""
    assert _apart(fractional, ids)


@pytest.mark.parametrize("draw", [checksum, thousandths])
def test_hashes_that_tie_flags_together_are_caught(draw: Draw) -> None:
    """The controls: by CRC-32 and by FNV-1a, the share of one flag tells that of another."""
    assert not _apart(draw, SEQUENTIAL)


def test_one_salt_for_two_choices_decides_the_second_by_the_first() -> None:
    """The hazard that the linter is for: a tenth is let in, and by the same salt all of it gets one half."""
    let_in = [name for name, share in zip(SEQUENTIAL, fractional("salt", SEQUENTIAL, 10), strict=True) if share == 0]
    assert len(let_in) == pytest.approx(IDS / 10, rel=0.05)
    assert set(fractional("salt", let_in, 2)) == {0}
    assert fractional("other", let_in, 2).mean() == pytest.approx(0.5, abs=0.03)


def test_the_yardstick_is_straight() -> None:
    """The incomplete gamma function against its closed forms, and the uniformity of what is uniform."""
    for x in (0.1, 1.0, 5.0, 20.0, 80.0):
        assert upper_gamma(1, x) == pytest.approx(math.exp(-x), rel=1e-10)
        assert upper_gamma(0.5, x) == pytest.approx(math.erfc(math.sqrt(x)), rel=1e-10)
        assert upper_gamma(3, x) == pytest.approx(math.exp(-x) * (1 + x + x * x / 2), rel=1e-10)
    # A chi-square with 999 degrees of freedom, from published tables: its 5 % point.
    assert upper_gamma(999 / 2, 1_073.643 / 2) == pytest.approx(0.05, abs=1e-5)
    assert uniform_p_values([(number + 0.5) / 20 for number in range(20)]) > 0.99
    assert uniform_p_values([0.5] * 20) < 1e-3
