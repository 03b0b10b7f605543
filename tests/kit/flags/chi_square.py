"""Tests of chance: Pearson's chi-square and the Kolmogorov-Smirnov test against the uniform distribution.

Two-sided where it matters: p-values that are all near one are as suspicious as those near zero.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def uniformity(counts: NDArray[np.int64]) -> float:
    """Return the p-value of the counts being draws from equal shares."""
    return _survival(counts.sum() / counts.size, counts.astype(float), counts.size - 1)


def independence(rows: NDArray[np.int64], columns: NDArray[np.int64], sides: int) -> float:
    """Return the p-value of two draws, numbered below `sides`, having nothing to do with one another."""
    table = np.bincount(rows * sides + columns, minlength=sides * sides).reshape(sides, sides).astype(float)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return _survival(expected, table, (sides - 1) ** 2)


def uniform_p_values(p_values: Sequence[float]) -> float:
    """Return the p-value of p-values being uniform: Kolmogorov and Smirnov's, with Stephens' correction (1970)."""
    count, ordered = len(p_values), np.sort(np.array(p_values))
    steps = np.arange(count + 1) / count
    distance = max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max())
    scaled = (math.sqrt(count) + 0.12 + 0.11 / math.sqrt(count)) * distance
    return float(2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101)))


def _survival(expected: NDArray[np.float64] | float, found: NDArray[np.float64], degrees: int) -> float:
    statistic = float(((found - expected) ** 2 / expected).sum())
    return upper_gamma(degrees / 2, statistic / 2)


def upper_gamma(a: float, x: float) -> float:
    """Return the regularised upper incomplete gamma function Q(a, x): DLMF 8.7.1 below its peak, 8.9.2 above."""
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    return 1 - scale * _series(a, x) if x < a + 1 else scale / _fraction(a, x)


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    while term > total * 1e-16:
        a += 1
        term *= x / a
        total += term
    return total


def _fraction(a: float, x: float) -> float:
    """Return x+1-a - 1(1-a)/(x+3-a - 2(2-a)/(x+5-a - …)), from far enough behind."""
    value = 1.0
    for k in range(2_000, 0, -1):
        value = x + 2 * k + 1 - a - (k + 1) * (k + 1 - a) / value if k < 2_000 else x + 2 * k + 1 - a
    return x + 1 - a - (1 - a) / value
