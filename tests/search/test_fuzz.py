"""Fuzzing, in short: thousands of hostile inputs by seed, and whatever `make prove-fuzz` ever found."""

from pathlib import Path
from random import Random

from benchmarks.fuzz import messages, words
from benchmarks.fuzz.mutations import mutated

CRASHES = Path(__file__).parent / "crashes"
TEXTS, REQUESTS = 3_000, 1_500


def test_nothing_that_is_typed_breaks_search() -> None:
    """Every text, and each that ever failed, is folded, cut, searched and marked within its bounds."""
    chance, seeds = Random(5), words.seeds()  # noqa: S311 - the same in every run
    with words.open_words() as check:
        for data in (*seeds, *_crashes("words"), *(mutated(seeds, chance) for _ in range(TEXTS))):
            check(data)


async def test_no_request_breaks_the_service() -> None:
    """Whatever bytes come as a request, the service answers, or says what is wrong with them; it is never at fault."""
    chance, seeds = Random(5), messages.seeds()  # noqa: S311 - the same in every run
    async with messages.open_messages() as check:
        for data in (*seeds, *_crashes("messages"), *(mutated(seeds, chance) for _ in range(REQUESTS))):
            await check(data)


def _crashes(target: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(CRASHES.glob(f"{target}-*"))]
