"""Who falls into which share: what the hash gave once it gives for ever, or people change sides under an experiment."""

import json
from pathlib import Path

import pytest

from services.kit.flags.fractional import HASH_BITS, Split, split
from services.kit.flags.rule import Compiler
from services.kit.flags.scope import Scope
from services.kit.flags.values import Json

VECTORS: list[dict[str, Json]] = json.loads((Path(__file__).parent / "fractional_vectors.json").read_text())
"""Written by flagd-core 2.0.0: whom it put where."""
LAST = (1 << HASH_BITS) - 1


def test_the_vectors_hold() -> None:
    """Each unit is where flagd-core 2.0.0 put it, by the quick way and by the general one."""
    assert len(VECTORS) > 100
    for vector in VECTORS:
        by = [] if "unit" in vector else [vector["by"]]
        for general in (False, True):
            scope = Scope(vector.get("flag", ""), general=general)
            run = Compiler(scope).compile({"fractional": [*by, *vector["parts"]]}).run
            assert run({"targetingKey": vector.get("unit")}) == vector["variant"], vector


@pytest.mark.parametrize(
    "weights",
    [[1], [1, 1], [0, 1, 0, 2], [50, 50], [1, 2, 3], [7, 1_000_000], [2**31 - 2, 1], [333_333, 333_333, 333_334]],
)
def test_limits_divide_hashes_as_buckets_do(weights: list[int]) -> None:
    """At both sides of every border, comparing hashes gives what multiplying into buckets gives."""
    parts = split([[number, weight] for number, weight in enumerate(weights)])
    assert parts is not None
    for border in parts.limits:
        for number in (border - 1, border):
            if 0 <= number <= LAST:
                assert sum(limit <= number for limit in parts.limits) == parts.chosen(number)
    assert parts.limits[-1] == LAST + 1
    assert parts.chosen(0) == next(number for number, weight in enumerate(weights) if weight)
    assert weights[parts.chosen(LAST)] > 0


def test_growing_a_share_moves_only_those_who_enter_it() -> None:
    """A ramp from 1 to 10 to 50 per cent keeps everybody who was in."""
    inside: list[set[str]] = []
    for percent in (1, 10, 50):
        run = Compiler(Scope("ramp")).compile({"fractional": [["on", percent], ["off", 100 - percent]]}).run
        inside.append({name for name in map(str, range(5_000)) if run({"targetingKey": name}) == "on"})
    assert inside[0] < inside[1] < inside[2]


@pytest.mark.parametrize(
    ("parts", "sound"),
    [
        ([], None),
        ([["a", 0]], None),
        ([["a", -1]], None),
        ([["a", 2**31]], None),
        ([["a", 2**31 - 1]], Split(("a",), (2**31 - 1,))),
        ([["a", True]], None),
        ([["a", 1.0]], None),
        ([[]], None),
        ([["a", 1, 2]], None),
        (["a"], None),
        ([["a"], ["b", -5], ["c", 2]], Split(("a", "b", "c"), (1, 1, 3))),
    ],
    ids=repr,
)
def test_parts_are_sound_or_nobody_is_placed(parts: Json, sound: Split | None) -> None:
    """A weight is a whole number, their sum positive and no larger than 31 bits hold."""
    assert split(parts) == sound
