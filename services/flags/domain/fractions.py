"""The fractions in a rule: who is drawn by what, and whether a change of them moves people as a ramp does.

Everybody has a place between 0 and 1 by the hash of the *unit* that a fraction is drawn by, mostly [flag, user]; the
parts own that line in their order. So a change of the parts moves those whose place gets another owner. A ramp moves
people into a variant or out of it; a change that does both, to one variant, swaps people that nobody meant to touch,
and so spoils whatever is measured of them.

A fraction is *running* while its flag is enabled. It is the same fraction as before where it is drawn by the same unit
and stands behind the same condition, or, where conditions have changed, is the next in order drawn by that unit. What
is to start anew gets another unit: a salt of its own.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction as Share
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

Json: TypeAlias = Any

OWN_UNIT = ""
"""The unit of a fraction that names none: the flag and the user."""
PER_FLAG = "$flagd."
"""What a unit that reads the evaluation's own part has in it: it differs from flag to flag."""


@dataclass(frozen=True, slots=True)
class Fraction:
    """One `fractional` in a rule."""

    path: str
    unit: str
    """What it is drawn by, as JSON; OWN_UNIT where it names nothing."""
    audience: tuple[str, ...]
    """The conditions that lead to it, outermost first, as JSON."""
    variants: tuple[str, ...]
    """Those of its parts, as JSON."""
    weights: tuple[int, ...]
    redrawn: bool
    """Whether it shares out what a fraction drawn by the same unit has chosen: its own draw is decided by then."""

    @property
    def total(self) -> int:
        """How many parts the whole has."""
        return sum(self.weights)

    @property
    def ends(self) -> list[Share]:
        """Where each part ends between 0 and 1."""
        return [Share(end, self.total) for end in accumulate(self.weights)]


def fractions(rule: Json, path: str) -> list[Fraction]:
    """Return the fractions of a rule that stands at the path, in order, but for those whose parts are not sound."""
    walk = _Walk()
    walk.visit(rule, _Place(path))
    return walk.found


def continued(before: Sequence[Fraction], after: Sequence[Fraction]) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield each fraction of the rule before with what it has become, where it goes on."""
    known = {(each.unit, each.audience): each for each in after}
    same = [(each, known.pop((each.unit, each.audience), None)) for each in before]
    yield from ((old, new) for old, new in same if new is not None)
    rest = list(known.values())
    for old in (old for old, new in same if new is None):
        new = next((each for each in rest if each.unit == old.unit), None)
        if new is not None:
            rest.remove(new)
            yield old, new


def swapped(before: Fraction, after: Fraction) -> tuple[str, ...]:
    """Return the variants that would both win and lose people by the change, as JSON."""
    moves = [(old, new) for old, new in zip(*_owners(before, after), strict=True) if old != new]
    return tuple(sorted({old for old, _ in moves} & {new for _, new in moves}))


def same_total(before: Fraction, after: Fraction) -> bool:
    """Whether the totals are the same but for powers of ten: to write 5 of 100 as 50 of 1,000 moves nobody."""
    return str(before.total).rstrip("0") == str(after.total).rstrip("0")


def _owners(*each: Fraction) -> list[list[str]]:
    """Return, for each fraction, who owns the stretches between all the ends of all of them."""
    ends = sorted({Share(0), *(end for fraction in each for end in fraction.ends)})
    middles = [(start + end) / 2 for start, end in pairwise(ends)]
    return [[_owner(fraction, place) for place in middles] for fraction in each]


def _owner(fraction: Fraction, place: Share) -> str:
    return next(variant for variant, end in zip(fraction.variants, fraction.ends, strict=True) if place < end)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk has come to."""

    path: str
    drawn: frozenset[str] = frozenset()
    """The units that decide whether it comes here."""
    audience: tuple[str, ...] = ()

    def item(self, number: int, drawn: frozenset[str] = frozenset(), *behind: str) -> "_Place":
        """Return the place of an operand that more units, and a condition, lead to."""
        return _Place(f"{self.path}[{number}]", self.drawn | drawn, (*self.audience, *behind))


@dataclass(slots=True)
class _Walk:
    """Goes through a rule in the order in which it is evaluated. Each visit returns the units that were drawn by."""

    found: list[Fraction] = field(default_factory=list)

    def visit(self, node: Json, at: _Place) -> frozenset[str]:
        """Collect the fractions of a value or an expression."""
        if isinstance(node, list):
            return self._each(node, at)
        if not isinstance(node, dict) or len(node) != 1:
            return frozenset()
        ((operator, operands),) = node.items()
        below = replace(at, path=f"{at.path}.{operator}")
        if not isinstance(operands, list):
            return self.visit(operands, below)
        return self._expression(operator, operands, below)

    def _expression(self, operator: str, operands: Sequence[Json], at: _Place) -> frozenset[str]:
        match operator:
            case "fractional":
                return self._fraction(operands, at)
            case "if" | "?:":
                return self._branches(operands, at)
            case "and" | "or":
                return self._in_turn(operands, at)
        return self._each(operands, at)

    def _each(self, nodes: Sequence[Json], at: _Place) -> frozenset[str]:
        return frozenset[str]().union(*(self.visit(node, at.item(number)) for number, node in enumerate(nodes)))

    def _in_turn(self, nodes: Sequence[Json], at: _Place) -> frozenset[str]:
        units = frozenset[str]()
        for number, node in enumerate(nodes):
            units |= self.visit(node, at.item(number, units))
        return units

    def _branches(self, nodes: Sequence[Json], at: _Place) -> frozenset[str]:
        asked = units = frozenset[str]()
        for number, node in enumerate(nodes):
            if number % 2 == 0 and number < len(nodes) - 1:
                asked |= self.visit(node, at.item(number, asked))
            else:
                behind = json_text(nodes[number - 1]) if number % 2 else "else"
                units |= self.visit(node, at.item(number, asked, behind))
        return asked | units

    def _fraction(self, operands: Sequence[Json], at: _Place) -> frozenset[str]:
        named = bool(operands) and not isinstance(operands[0], list)
        unit = json_text(_merged(operands[0])) if named else OWN_UNIT
        shares = _shares(operands[1:] if named else operands)
        if shares:
            variants, weights = shares
            self.found.append(Fraction(at.path, unit, at.audience, variants, weights, unit in at.drawn))
        return frozenset({unit}).union(
            *(self.visit(node, at.item(number, frozenset({unit}))) for number, node in enumerate(operands))
        )


def _shares(parts: Sequence[Json]) -> tuple[tuple[str, ...], tuple[int, ...]] | None:
    """Return the variants and the weights of parts; None where they are not sound."""
    if not all(isinstance(part, list) and len(part) in (1, 2) for part in parts):
        return None
    weights = [part[1] if part[1:] else 1 for part in parts]
    if not all(isinstance(weight, int) and not isinstance(weight, bool) for weight in weights):
        return None
    positive = tuple(max(0, weight) for weight in weights)
    return (tuple(json_text(part[0]) for part in parts), positive) if any(positive) else None


def _merged(unit: Json) -> Json:
    """Return a unit so that what hashes the same is the same: neighbouring texts within `cat` become one."""
    if not isinstance(unit, dict) or not isinstance(unit.get("cat"), list):
        return unit
    pieces: list[Json] = []
    for piece in unit["cat"]:
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return {"cat": pieces}


def json_text(node: Json) -> str:
    """Return a piece of a rule as text, the same for whatever means the same."""
    return json.dumps(node, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
