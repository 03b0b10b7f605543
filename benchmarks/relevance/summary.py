"""From scores to figures: what is told, and what is bound to be reached."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.figures import Figure
from benchmarks.relevance.baseline import MOST_LOST, Baseline
from benchmarks.relevance.phrases import CLASSES
from benchmarks.relevance.scores import Score, Scores

OURS = "backline"
ALL = "all"
"""The mean of the classes: of the twelve, where queries are made by seed."""
HAND_MADE, FROZEN = ("hand_open", "hand_frozen"), "hand_frozen"
LARGEST = "1m"
LEAST_LEAD = 0.05
"""How much more often than with the best peer our first hit is what was meant, over a million tracks."""
MOST_BEHIND = 0.01
"""How much more rarely than with any peer our first five hits have what was meant, in any class."""
LEAST_SHARES: Mapping[str, float] = {"success_at_1": 0.92, "success_at_5": 0.95}
"""Of what can be reached."""
LEAST_BY_HAND: Mapping[str, float] = {"success_at_1": 0.85, "success_at_5": 0.95}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How engines did over one set of queries."""

    name: str
    """Of the queries: a scale for those made by seed, `hand_open` or `hand_frozen`."""
    engines: Mapping[str, Scores]
    ceiling: Scores
    """What can be reached; empty where nobody knows."""

    @property
    def ours(self) -> Scores:
        """Return our scores by class, and the mean; nothing where we were not asked."""
        return _with_mean(self.engines.get(OURS, {}))

    @property
    def others(self) -> Mapping[str, Scores]:
        """Return the same of the peers."""
        return {name: _with_mean(scores) for name, scores in self.engines.items() if name != OURS}


def reached(outcomes: Sequence[Outcome]) -> Baseline:
    """Return what a baseline keeps: of those made by hand the mean, since a class has few; never the frozen."""
    return {
        outcome.name: {ALL: outcome.ours[ALL]} if outcome.name in HAND_MADE else outcome.ours
        for outcome in outcomes
        if outcome.ours and outcome.name != FROZEN
    }


def figures(outcome: Outcome, before: Scores) -> Iterator[Figure]:
    """Yield every class's figures and the mean's; `before` is what a baseline has kept of the same queries."""
    for group, score in outcome.ours.items():
        for metric, value in asdict(score).items():
            name = f"relevance.{outcome.name}.{group}.{metric}"
            bound = max(_bounds(outcome, group, metric, before), default=None)
            yield _figure(name, value, bound, _beside(outcome, group, metric))
    if outcome.ours and outcome.ceiling:
        yield from _shares(outcome)


def _with_mean(scores: Scores) -> Scores:
    counted = [score for group, score in scores.items() if group in CLASSES] or list(scores.values())
    return {**scores, ALL: Score.mean(counted)} if scores else {}


def _bounds(outcome: Outcome, group: str, metric: str, before: Scores) -> Iterator[float]:
    peers = [_value(scores[group], metric) for scores in outcome.others.values()]
    if group in before:
        yield _value(before[group], metric) - MOST_LOST
    if group == ALL and outcome.name in HAND_MADE and metric in LEAST_BY_HAND:
        yield LEAST_BY_HAND[metric]
    if group == ALL and outcome.name == LARGEST and metric == "success_at_1" and peers:
        yield max(peers) + LEAST_LEAD
    if group in CLASSES and metric == "success_at_5" and peers:
        yield max(peers) - MOST_BEHIND


def _shares(outcome: Outcome) -> Iterator[Figure]:
    can_be = _with_mean(outcome.ceiling)[ALL]
    for metric, least in LEAST_SHARES.items():
        share = _value(outcome.ours[ALL], metric) / _value(can_be, metric)
        yield _figure(f"relevance.{outcome.name}.share_of_ceiling.{metric}", share, least, "")


def _figure(name: str, value: float, bound: float | None, beside: str) -> Figure:
    if bound is None:
        return Figure.told(name, [value], "share", beside)
    return Figure.at_least(name, [round(value, 4)], "share", round(bound, 4), beside)


def _beside(outcome: Outcome, group: str, metric: str) -> str:
    """Return what others reach, in words."""
    others = {"ceiling": _with_mean(outcome.ceiling), **outcome.others}
    told = (f"{name} {_value(scores[group], metric):.3f}" for name, scores in others.items() if group in scores)
    return ", ".join(told)


def _value(score: Score, metric: str) -> float:
    return float(getattr(score, metric))
