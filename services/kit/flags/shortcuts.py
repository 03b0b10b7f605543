"""Faster ways to say the same for the shapes that rules really have.

A shortcut has no opinion of its own: it answers where operands are of the plainest kind, and calls `general`, which
evaluates the expression anew, where they are not.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from services.kit.flags.data import Run
from services.kit.flags.term import Term
from services.kit.flags.values import Json

Shortcut: TypeAlias = Callable[[Sequence[Term], Run], Run | None]
"""From operands and the general way to a faster one, where there is one."""


def _equality(*, holds: bool) -> Shortcut:
    """Return the comparison with a constant of the same type, which is the same by `==` and by `===`."""

    def shortcut(terms: Sequence[Term], general: Run) -> Run | None:
        if len(terms) != 2 or not terms[1].constant or isinstance(terms[1].value, dict):  # noqa: PLR2004 - two sides
            return None
        read, wanted = terms[0].run, terms[1].value
        kind = type(wanted)

        def run(data: Json) -> Json:
            value = read(data)
            return (value == wanted) is holds if value.__class__ is kind else general(data)

        return run

    return shortcut


def _membership(terms: Sequence[Term], general: Run) -> Run | None:
    """Return the search in a list of texts that is written in the rule."""
    constants = terms[1].constants if len(terms) == 2 else None  # noqa: PLR2004 - needle and haystack
    if constants is None or not all(isinstance(item, str) for item in constants):
        return None
    read, names = terms[0].run, frozenset(constants)

    def run(data: Json) -> Json:
        value = read(data)
        return value in names if value.__class__ is str else general(data)

    return run


SHORTCUTS: Mapping[str, Shortcut] = {
    "==": _equality(holds=True),
    "===": _equality(holds=True),
    "!=": _equality(holds=False),
    "!==": _equality(holds=False),
    "in": _membership,
}
