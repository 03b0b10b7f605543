"""How good the answers of one class of queries are."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.engines import Hit
from benchmarks.relevance.cases import Case

PAGE = 20
"""How many hits are looked at."""


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of queries, from 0 to 1."""

    success_at_1: float
    """With what was meant as the first hit."""
    success_at_5: float
    """With it among the first five."""
    mrr: float
    """The mean of one over its place; 0 where it is on no place of the first page."""

    @classmethod
    def of(cls, places: Sequence[int]) -> "Score":
        """Return the score of queries by the place of what was meant, counted from 1; 0 is nowhere."""
        return cls(
            success_at_1=fmean(place == 1 for place in places),
            success_at_5=fmean(1 <= place <= 5 for place in places),
            mrr=fmean(1 / place if place else 0 for place in places),
        )

    @classmethod
    def mean(cls, scores: Iterable["Score"]) -> "Score":
        """Return the mean of classes, each with the same weight."""
        scores = list(scores)
        return cls(
            fmean(score.success_at_1 for score in scores),
            fmean(score.success_at_5 for score in scores),
            fmean(score.mrr for score in scores),
        )


def score(cases: Iterable[Case], search: Callable[[Case], Sequence[Hit]]) -> Score:
    """Return how good a search is at these."""
    return Score.of([place(search(case), case.accepted) for case in cases])


def place(hits: Sequence[Hit], accepted: Collection[Hit]) -> int:
    """Return the first place of an accepted hit, counted from 1; 0 where there is none."""
    return next((place for place, hit in enumerate(hits[:PAGE], start=1) if hit in accepted), 0)
