"""A rule in words, for the command line and the page.

    where client type is car and app version is at least 8.9.0: 5 % on, 95 % off
    otherwise: off

All that a one-line rule can become has words. What has none is shown as the JSON that it is, between backquotes, and
the rest around it in words all the same.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from services.flags.domain.vocabulary import VOCABULARY

Json: TypeAlias = Any
Operands: TypeAlias = Sequence[Json]

_CALLERS_DEFAULT = "each caller's own default"
_REFERENCE = "$ref"
_PAIR = 2
_FEW = 2
"""Values that "or" joins; of more, "one of" begins a list."""

_ORDERS = {
    "=": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "^": "has the major version of",
    "~": "has the minor version of",
}
_INFIX = {
    **{operator: said for operator, said in _ORDERS.items() if operator not in {"=", "^", "~"}},
    "==": "is",
    "===": "is",
    "!==": "is not",
    "starts_with": "starts with",
    "ends_with": "ends with",
}


def rule_in_words(definition: Mapping[str, Json]) -> str:
    """Return who gets what by a flag, or by a rule that flags share, as one line or several."""
    if "variants" not in definition:
        return _shared_rule(definition)
    default = _default(definition)
    rule = "\n".join(_branches(definition.get("targeting") or None, default))
    if definition.get("state") == "DISABLED":
        return f"killed: {_CALLERS_DEFAULT} holds; restored it would be:\n{rule}"
    return rule


def condition_in_words(node: Json) -> str:
    """Return a condition in words."""
    operator, operands = _expression(node)
    if operator in _JOINED and operands:
        return f" {operator} ".join(_inside(each, operator) for each in operands)
    say = _SAYINGS.get(operator)
    said = say(operator, operands) if say else ""
    return said or _json(node)


def _default(definition: Mapping[str, Json]) -> str:
    default = definition.get("defaultVariant")
    return _CALLERS_DEFAULT if default is None or default == "" else _named(default)


def _shared_rule(rule: Json) -> str:
    """Return a rule that flags share: a condition of theirs, or who gets what."""
    operator, _ = _expression(rule)
    return f"holds where {condition_in_words(rule)}" if operator in _CONDITIONS else "\n".join(_branches(rule, "null"))


def _branches(node: Json, default: str) -> Iterator[str]:
    """Yield a rule as one line for each of its branches."""
    operator, operands = _expression(node)
    if operator not in {"if", "?:"} or len(operands) < _PAIR:
        yield f"everyone: {_outcome(node, default)}"
        return
    for place in range(0, len(operands) - 1, _PAIR):
        if operands[place] is True:
            yield f"everyone{' else' if place else ''}: {_outcome(operands[place + 1], default)}"
            return
        yield f"where {condition_in_words(operands[place])}: {_outcome(operands[place + 1], default)}"
    last = operands[-1] if len(operands) % _PAIR else None
    yield f"otherwise: {_outcome(last, default)}"


def _outcome(node: Json, default: str) -> str:
    """Return what a branch leads to, in words."""
    operator, operands = _expression(node)
    if node is None:
        return default
    if isinstance(node, str | bool):
        return _named(node)
    if operator == "fractional":
        return _shares(operands, default) or _json(node)
    if operator in {"if", "?:"} and len(operands) >= _PAIR:
        return f"({'; '.join(_branches(node, default))})"
    if operator == _REFERENCE and operands:
        return f"as the shared rule {_named(operands[0])} has it"
    return _json(node)


def _shares(operands: Operands, default: str) -> str:
    drawn = not isinstance(operands[0], list) if operands else False
    parts = [_part(part) for part in (operands[1:] if drawn else operands)]
    sound = [part for part in parts if part is not None]
    total = sum(weight for _, weight in sound)
    if len(sound) < len(parts) or not total:
        return ""
    said = ", ".join(f"{100 * weight / total:.4g} % {_outcome(variant, default)}" for variant, weight in sound)
    return f"{said}, drawn by {_unit(operands[0])}" if drawn else said


def _part(part: Json) -> tuple[Json, int] | None:
    if not isinstance(part, list) or len(part) not in {1, _PAIR}:
        return None
    weight = part[1] if len(part) == _PAIR else 1
    sound = isinstance(weight, int) and not isinstance(weight, bool) and weight >= 0
    return (part[0], weight) if sound else None


def _unit(node: Json) -> str:
    operator, operands = _expression(node)
    return " with ".join(map(_operand, reversed(operands))) if operator == "cat" else _operand(node)


def _expression(node: Json) -> tuple[str, Operands]:
    """Return an expression's operator and operands; nothing for what is a value."""
    if not isinstance(node, dict) or len(node) != 1:
        return "", ()
    ((operator, operands),) = node.items()
    return operator, operands if isinstance(operands, list) else [operands]


_JOINED = ("and", "or")


def _inside(node: Json, around: str) -> str:
    """Return a condition as a part of a larger one, in parentheses where it is not clear what belongs together."""
    operator, _ = _expression(node)
    said = condition_in_words(node)
    return f"({said})" if operator in _JOINED and operator != around else said


def _comparison(operator: str, operands: Operands) -> str:
    return f"{_operand(operands[0])} {_INFIX[operator]} {_operand(operands[1])}" if len(operands) == _PAIR else ""


def _version(_operator: str, operands: Operands) -> str:
    order = _ORDERS.get(str(operands[1])) if len(operands) > _PAIR else None
    return f"{_operand(operands[0])} {order} {_operand(operands[2])}" if order else ""


def _among(_operator: str, operands: Operands) -> str:
    return _listed(operands, "is", "is one of", "contains", "or")


def _not_among(_operator: str, operands: Operands) -> str:
    return _listed(operands, "is not", "is none of", "does not contain", "nor")


def _listed(operands: Operands, one: str, several: str, part: str, last: str) -> str:
    if len(operands) != _PAIR:
        return ""
    needle, haystack = operands
    if not isinstance(haystack, list):
        return f"{_operand(haystack)} {part} {_operand(needle)}"
    values = [_operand(value) for value in haystack]
    few = 0 < len(values) <= _FEW
    said = f"{one} {f' {last} '.join(values)}" if few else f"{several} {', '.join(values)}"
    return f"{_operand(needle)} {said}"


def _known(operator: str, operands: Operands) -> str:
    return _existence(operator, operands, "is known")


def _unknown(operator: str, operands: Operands) -> str:
    return _existence(operator, operands, "is not known")


def _existence(operator: str, operands: Operands, said: str) -> str:
    """Return what is said of an attribute that is used as a condition, bare or after `!!`."""
    subject = {"var": list(operands)} if operator == "var" else next(iter(operands), None)
    return f"{_operand(subject)} {said}" if _is_variable(subject) else ""


def _negation(_operator: str, operands: Operands) -> str:
    if len(operands) != 1:
        return ""
    operator, inner = _expression(operands[0])
    say = _OPPOSITES.get(operator)
    said = say(operator, inner) if say else ""
    return said or f"not ({condition_in_words(operands[0])})"


def _shared(_operator: str, operands: Operands) -> str:
    return f"the shared rule {_named(operands[0])} holds" if operands else ""


_OPPOSITES: Mapping[str, Callable[[str, Operands], str]] = {"in": _not_among, "var": _unknown, "!!": _unknown}
"""What "not" is said within."""
_SAYINGS: Mapping[str, Callable[[str, Operands], str]] = {
    **dict.fromkeys(_INFIX, _comparison),
    "sem_ver": _version,
    "in": _among,
    "!": _negation,
    "!!": _known,
    "var": _known,
    _REFERENCE: _shared,
}
"""How each operator is said; empty where it is used as nobody would say it."""
_CONDITIONS = {*_JOINED, *_SAYINGS} - {_REFERENCE}
"""What can only be a condition, whoever uses it."""


def _operand(node: Json) -> str:
    if _is_variable(node):
        name = str(_expression(node)[1][0])
        return VOCABULARY[name].words if name in VOCABULARY else _named(name)
    return _json(node) if isinstance(node, dict | list) else _named(node)


def _is_variable(node: Json) -> bool:
    operator, operands = _expression(node)
    return operator == "var" and bool(operands) and isinstance(operands[0], str) and bool(operands[0])


def _named(value: Json) -> str:
    """Return a value bare where it reads as one word, else as JSON."""
    bare = isinstance(value, str) and value.isprintable() and value != "" and not set(value) & set(" ,;:()`\"'")
    return str(value) if bare else json.dumps(value)


def _json(node: Json) -> str:
    return f"`{json.dumps(node)}`"
