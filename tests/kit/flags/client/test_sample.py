"""A sample of contexts is fair and bounded."""

from collections import Counter
from random import Random

from services.kit.flags.client.sample import Reservoir


def test_all_are_kept_while_there_is_room() -> None:
    """Few contexts are a sample of themselves, and the next sample begins with none."""
    reservoir = Reservoir(10, Random(1))  # noqa: S311 - the same in every run
    for number in range(10):
        reservoir.add({"n": number})
    assert [context["n"] for context in reservoir.take()] == list(range(10))
    assert reservoir.take() == []


def test_early_and_late_ones_have_the_same_chance() -> None:
    """Whether a sample holds one does not depend on when it came: of a hundred, each is in about a tenth of them."""
    reservoir, kept = Reservoir(10, Random(1)), Counter[int]()  # noqa: S311 - the same in every run
    for _ in range(2_000):
        for number in range(100):
            reservoir.add({"n": number})
        sample = reservoir.take()
        assert len(sample) == 10
        kept.update(context["n"] for context in sample)
    assert all(140 < kept[number] < 260 for number in range(100))
