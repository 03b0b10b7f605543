"""What evaluating flags costs, beside flagd's, GrowthBook's and Unleash's evaluators: `python -m benchmarks.flags`.

All evaluators in turn, round after round, in one thread whose CPU time counts. What each flag is on for has to be much
the same for all, or they were not asked the same.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from statistics import median

from benchmarks.figures import Figure, report, spend
from benchmarks.flag_mixes import CALLERS, MIXES, RULES, SILENT_KEYS, Caller, Mix, callers, flagd_document
from benchmarks.ofrep import remote
from benchmarks.peers.flag_engines import Evaluate, flagd_core, growthbook, unleash
from benchmarks.rounds import ratios
from services.kit.flags.compile import compile_flags

ROUNDS = 5
OURS = "ours"
PEERS: Mapping[str, Callable[[Sequence[Caller]], Evaluate]] = {
    "flagd-core": flagd_core,
    "growthbook": growthbook,
    "unleash": unleash,
}
CALLS: Mapping[str, int] = {OURS: 200_000, "flagd-core": 20_000, "growthbook": 20_000, "unleash": 10_000}
"""Evaluations in a round: about a fifth of a second for each."""
LEAST_PER_S = {"a": 2_000_000, "b": 400_000}
LEAST_RATIOS = {"flagd-core": 8, "growthbook": 5, "unleash": 8}
"""In mix B."""
COMPILING = (sys.executable, "-m", "benchmarks.flag_memory")
MOST_COMPILE_MS, MOST_SNAPSHOT_MB = 250, 20
APPLYING = (sys.executable, "-m", "benchmarks.flag_loop")
MOST_BLOCK_MS, MOST_GROWN_MB = 5, 2
MOST_DIFFERENT = 0.02


def main() -> int:
    """Measure, print and return the exit status."""
    argparse.ArgumentParser(prog="python -m benchmarks.flags", description="Measures evaluating flags.").parse_args()
    return report([figure for part in PARTS for figure in part()])


def evaluating() -> list[Figure]:
    """Return how many evaluations a CPU-second has room for, in both mixes, of ours and of each peer."""
    people = callers()
    engines = {OURS: _ours(people), **{name: opened(people) for name, opened in PEERS.items()}}
    return [figure for mix in MIXES for figure in _figures(mix, _rates(engines, mix))]


def _ours(people: Sequence[Caller]) -> Evaluate:
    evaluate = compile_flags(flagd_document(RULES, SILENT_KEYS), now=time.time).evaluate
    contexts = [asdict(caller) | {"targetingKey": caller.user} for caller in people]
    return lambda key, caller: bool(evaluate(key, contexts[caller]).value)


def _rates(engines: Mapping[str, Evaluate], mix: Mix) -> dict[str, list[float]]:
    """Return evaluations per CPU-second, one for each round."""
    rates: dict[str, list[float]] = {name: [] for name in engines}
    shares = {name: _share(evaluate, mix, CALLS["unleash"]) for name, evaluate in engines.items()}
    if max(shares.values()) - min(shares.values()) > MOST_DIFFERENT:
        raise ValueError(f"They were not asked the same: {shares}")
    for number in range(ROUNDS):
        for name in engines if number % 2 else reversed(list(engines)):
            before_ns = time.thread_time_ns()
            _share(engines[name], mix, CALLS[name])
            rates[name].append(CALLS[name] / (time.thread_time_ns() - before_ns) * 1e9)
    return rates


def _share(evaluate: Evaluate, mix: Mix, calls: int) -> float:
    """Evaluate so often, and return for which share of the calls a flag was on."""
    keys, count = mix.keys, len(mix.keys)
    return sum(evaluate(keys[call % count], call % CALLERS) for call in range(calls)) / calls


def _figures(mix: Mix, rates: Mapping[str, list[float]]) -> list[Figure]:
    name, unit = f"flags.mix_{mix.name}", "per CPU-second"
    figures = [Figure.at_least(f"{name}.ours", rates[OURS], unit, LEAST_PER_S[mix.name])]
    for peer, least in LEAST_RATIOS.items():
        ratio, told = f"{name}.of_{peer.replace('-', '_')}", f"{peer}: {median(rates[peer]):,.0f} {unit}"
        found = ratios(rates[OURS], by=rates[peer])
        bounded = Figure.at_least(ratio, found, "ratio", least, told)
        figures.append(bounded if mix.name == "b" else Figure.told(ratio, found, "ratio", told))
    return figures


def compiling() -> list[Figure]:
    """Return what a thousand flags that all ask cost to compile, and the memory that they then take in a process."""
    children = [json.loads(spend(COMPILING).output) for _ in range(ROUNDS)]
    spent_ms = [child["compile_ms"] for child in children]
    resident_mb = [child["resident_bytes"] / 1e6 for child in children]
    return [
        Figure.at_most("flags.compile", spent_ms, "CPU ms", MOST_COMPILE_MS),
        Figure.at_most("flags.snapshot", resident_mb, "MB resident", MOST_SNAPSHOT_MB),
    ]


def applying() -> list[Figure]:
    """Return how long an event loop that serves is held while a thousand flags change, and while one of them does."""
    told = json.loads(spend(APPLYING).output)
    return [
        *(figure for change in ("whole", "one") for figure in _held(change, told[change], told["rest_late_ms"])),
        Figure.at_most("flags.grown_by_200", [told["grown_bytes"] / 1e6], "MB resident", MOST_GROWN_MB),
    ]


def _held(change: str, runs: Mapping[str, Sequence[float]], rest_late_ms: float) -> Sequence[Figure]:
    name, rest = f"flags.apply_{change}", f"a loop that rests: {rest_late_ms:.1f}"
    return (
        Figure.at_most(f"{name}.longest_block", runs["cpu_ms"], "CPU ms", MOST_BLOCK_MS),
        Figure.told(f"{name}.longest_late", runs["late_ms"], "ms by the clock", rest),
        Figure.told(f"{name}.spent", runs["spent_ms"], "CPU ms"),
    )


PARTS: Sequence[Callable[[], list[Figure]]] = (evaluating, compiling, applying, remote)
"""What is measured, in this order; a part returns its figures."""

if __name__ == "__main__":
    sys.exit(main())
