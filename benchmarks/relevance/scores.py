"""How good answers are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias

from benchmarks.engines import Hit
from benchmarks.relevance.cases import Case

PAGE = 20
"""How many hits are looked at."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found for a case, best first."""

    case: Case
    hits: Sequence[Hit]

    @property
    def place(self) -> int:
        """Return where what was meant stands, counted from 1; 0 where it is not among the hits."""
        return next((place for place, hit in enumerate(self.hits, start=1) if hit in self.case.accepted), 0)


Answers: TypeAlias = Mapping[str, Sequence[Answer]]
"""By class."""


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
    def of(cls, answers: Sequence[Answer]) -> "Score":
        """Return the score of some answers."""
        places = [answer.place for answer in answers]
        return cls(
            success_at_1=fmean(place == 1 for place in places),
            success_at_5=fmean(1 <= place <= 5 for place in places),
            mrr=fmean(1 / place if place else 0 for place in places),
        )

    @classmethod
    def mean(cls, scores: Iterable["Score"]) -> "Score":
        """Return the mean of classes, each with the same weight."""
        rows = [(score.success_at_1, score.success_at_5, score.mrr) for score in scores]
        return cls(*map(fmean, zip(*rows, strict=True)))


Scores: TypeAlias = Mapping[str, Score]
"""By class."""


def scores(answers: Answers) -> dict[str, Score]:
    """Return the score of each class."""
    return {name: Score.of(some) for name, some in answers.items()}
