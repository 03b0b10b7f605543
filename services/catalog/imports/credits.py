"""How a credit is written where only the names in it are known."""

from collections.abc import Sequence

VARIOUS_ARTISTS = "Various Artists"
"""Credited with an album that no artist is on half of."""


def joined(names: Sequence[str]) -> str:
    """Join the names as on a sleeve: "A", "A & B", "A, B & C"; empty for none."""
    *others, last = names or [""]
    return f"{', '.join(others)} & {last}" if others else last
