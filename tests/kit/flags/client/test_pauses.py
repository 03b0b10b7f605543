"""Many who lost a service at the same moment come back evenly, and all of them soon."""

from collections import Counter
from itertools import accumulate
from random import Random

import pytest

from services.kit.flags.client.pauses import Pauses

FIRST_S, MOST_S = 0.1, 10.0
MANY = 200


def attempts_s(seed: int, until_s: float) -> list[float]:
    """Return when one of them tries, in seconds since the loss, until it finds the service back."""
    pauses = Pauses(FIRST_S, MOST_S, Random(seed))  # noqa: S311 - the same in every run
    made = list[float]()
    while not made or made[-1] < until_s:
        made.append((made[-1] if made else 0.0) + pauses.next_s())
    return made


def returns_s(outage_s: float, first_seed: int) -> list[float]:
    """Return when each is back, in seconds since the service is, the first one first."""
    return sorted(attempts_s(seed, outage_s)[-1] - outage_s for seed in range(first_seed, first_seed + MANY))


@pytest.mark.parametrize("outage_s", [13.0, 15.0, 18.5, 60.0, 3600.0])
@pytest.mark.parametrize("first_seed", [0, 1_000, 2_000])
def test_no_second_sees_more_than_a_fifth_of_them_and_all_are_back_soon(outage_s: float, first_seed: int) -> None:
    """Wherever a second begins, at most a fifth of all come in it; after one longest pause everyone is there."""
    back_s = returns_s(outage_s, first_seed)
    most = max(sum(at_s <= other_s < at_s + 1.0 for other_s in back_s) for at_s in back_s)
    assert most <= MANY / 5
    assert back_s[-1] <= MOST_S


def test_drawing_every_pause_anew_would_not_do() -> None:
    """The check above catches plain full jitter, in which the first second sees a fifth of them on average."""
    most = []
    for first_seed in range(0, 5_000, 500):
        back_s = []
        for seed in range(first_seed, first_seed + MANY):
            chance = Random(seed)  # noqa: S311 - the same in every run
            waits = (chance.uniform(0, min(MOST_S, FIRST_S * 2**number)) for number in range(1_000))
            back_s.append(next(at_s for at_s in accumulate(waits) if at_s >= 60.0) - 60.0)
        most.append(max(sum(at_s <= other_s < at_s + 1.0 for other_s in back_s) for at_s in back_s))
    assert max(most) > MANY / 5


def test_the_first_attempts_are_quick() -> None:
    """A blink of the service's costs its subscribers a blink."""
    firsts = [attempts_s(seed, 1.0)[:3] for seed in range(MANY)]
    assert all(0 <= one <= 0.1 <= two <= 0.3 <= three <= 0.7 for one, two, three in firsts)


def test_one_attempt_falls_into_each_window() -> None:
    """Nobody knocks more often than once in a longest pause, however long the service is away."""
    windows = Counter(int((at_s - 12.7) // MOST_S) for at_s in attempts_s(7, 500.0) if 12.7 <= at_s < 492.7)
    assert set(windows.values()) == {1}


def test_after_a_stream_that_lasted_pauses_begin_anew() -> None:
    """What was lost now is tried again at once, whatever was before."""
    pauses = Pauses(FIRST_S, MOST_S, Random(1))  # noqa: S311 - the same in every run
    for _ in range(20):
        pauses.next_s()
    pauses.begin()
    assert pauses.next_s() <= FIRST_S
