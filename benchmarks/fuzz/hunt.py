"""One target under atheris until its time is up or something breaks: `python -m benchmarks.fuzz.hunt TARGET SECONDS`.

A process of its own, since libFuzzer ends the one it runs in, and nothing that is open there is closed.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import mkdtemp

import atheris  # type: ignore[import-untyped] # it comes without

with atheris.instrument_imports(include=["services"]):
    import services.search.main  # noqa: F401 - else imported when it is opened, and not watched
    from benchmarks.fuzz import messages, words

CRASHES = Path(__file__).parents[2] / "tests" / "search" / "crashes"
_LONGEST_INPUT_BYTES = 2_048
_HANG_S = 10


def main() -> None:
    """Hunt. The exit status says whether anything broke; what did is in a file, how is on stderr."""
    target, seconds = sys.argv[1], int(sys.argv[2])
    {"words": _hunt_words, "messages": _hunt_messages}[target](seconds)


def _hunt_words(seconds: int) -> None:
    with words.open_words() as check:
        _hunt("words", words.seeds(), check, seconds)


def _hunt_messages(seconds: int) -> None:
    with asyncio.Runner() as runner:
        opened = AsyncExitStack()  # left open: the process ends here
        check = runner.run(opened.enter_async_context(messages.open_messages()))
        _hunt("messages", messages.seeds(), lambda data: runner.run(check(data)), seconds)


def _hunt(target: str, seeds: Sequence[bytes], check: Callable[[bytes], None], seconds: int) -> None:
    corpus = Path(mkdtemp())
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed)
    options = {
        "max_total_time": seconds,
        "max_len": _LONGEST_INPUT_BYTES,
        "timeout": _HANG_S,
        "artifact_prefix": f"{CRASHES}/{target}-",
        "print_final_stats": 1,
        "verbosity": 0,
    }
    atheris.Setup([target, *(f"-{name}={value}" for name, value in options.items()), str(corpus)], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
