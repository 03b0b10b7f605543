"""Faster ways to say the same for the shapes that rules really have.

A shortcut has no opinion of its own: it answers where operands are of the plainest kind, and leaves the others to the
operator's own function.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from services.kit.flags.data import Run
from services.kit.flags.operators import OPERATORS
from services.kit.flags.term import Term
from services.kit.flags.values import Json

Shortcut: TypeAlias = Callable[[Sequence[Term]], Run | None]
"""From operands to the faster way, where there is one."""

_PAIR = 2


def _equality(name: str, *, holds: bool) -> Shortcut:
    """Return the comparison with a constant of the same type, which is the same by `==` and by `===`."""
    function = OPERATORS[name].function

    def shortcut(terms: Sequence[Term]) -> Run | None:
        if len(terms) != _PAIR or not terms[1].constant or isinstance(terms[1].value, dict):
            return None
        read, wanted = terms[0].run, terms[1].value
        kind = type(wanted)

        def run(data: Json) -> Json:
            value = read(data)
            return (value == wanted) is holds if value.__class__ is kind else function(value, wanted)

        return run

    return shortcut


def _membership(terms: Sequence[Term]) -> Run | None:
    """Return the search in a list of texts that stands in the rule."""
    texts = terms[1].constants if len(terms) == _PAIR else None
    if texts is None or not all(isinstance(item, str) for item in texts):
        return None
    read, names, function = terms[0].run, frozenset(texts), OPERATORS["in"].function

    def run(data: Json) -> Json:
        value = read(data)
        return value in names if value.__class__ is str else function(value, texts)

    return run


SHORTCUTS: Mapping[str, Shortcut] = {
    "==": _equality("==", holds=True),
    "===": _equality("===", holds=True),
    "!=": _equality("!=", holds=False),
    "!==": _equality("!==", holds=False),
    "in": _membership,
}
