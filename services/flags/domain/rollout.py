"""A flag's rule from what people say of it: who gets a variant, how many of them, and what the rest gets.

Parts stand in one order whatever is asked, the default variant last, so that a higher percentage only adds people;
where a fraction of the two is running, its order, its total and what it is drawn by stay.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import Enum
from typing import Any, TypeAlias

from services.flags.domain.fractions import Fraction, fractions
from services.flags.domain.vocabulary import TARGETING_KEY
from services.kit.errors import Conflict, Invalid

Json: TypeAlias = Any

_WHOLE = 100
_MOST_PLACES = 3
EVERYBODY = True
"""The condition of a rule without one."""


class Mode(Enum):
    """What becomes of the rule that the flag has."""

    SIMPLE = "it goes, where it has one branch at most"
    REPLACE = "it goes"
    ADD = "it stays for all others; the branch for the same condition, if there is one, goes"


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to get which variant."""

    variant: str
    when: Json = None
    """A condition in JsonLogic; None for everybody."""
    percent: Decimal | None = None
    """How many of those; None for all."""
    otherwise: str | None = None
    """What the others get; None for the flag's default variant."""
    salt: str = ""
    """What they are drawn by beside the user; empty for what it is now, the flag's key at first."""
    mode: Mode = Mode.SIMPLE


class SeveralBranches(Conflict):
    """A rule would go that took more than one wish to make, and nobody said what is to become of it."""


def percentage(written: str) -> Decimal:
    """Return a percentage. Raises Invalid for what is none, or finer than thousandths."""
    try:
        percent = Decimal(written.strip().removesuffix("%").strip())
    except InvalidOperation:
        sentence = f"{written or 'Nothing'} is no percentage; write for example 5 or 0.1."
        raise Invalid(sentence, field="percent") from None
    if not percent.is_finite() or not 0 <= percent <= _WHOLE or _places(percent) > _MOST_PLACES:
        sentence = f"A percentage is from 0 to {_WHOLE}, with {_MOST_PLACES} digits behind the dot at most"
        raise Invalid(f"{sentence}, and not {written}.", field="percent")
    return percent


def with_rule(definition: Mapping[str, Json], wish: Wish) -> dict[str, Json]:
    """Return the definition with a rule that does what is wished.

    Raises Invalid where it does not have the variants or nobody is left for one, its field the part of the wish at
    fault; SeveralBranches where such a rule would go unasked.
    """
    default = definition.get("defaultVariant")
    rest = wish.otherwise or default
    _check(definition, wish, rest)
    condition: Json = EVERYBODY if wish.when is None else wish.when
    outcome: Json = wish.variant
    if wish.percent is not None:
        outcome = _fraction(definition, wish, wish.percent, rest)
        condition = _with_key(wish.when) if _names_unit(outcome) else condition
    if wish.mode is Mode.ADD and definition.get("targeting"):
        return {**definition, "targeting": _added(definition["targeting"], condition, outcome)}
    _check_simple(definition, wish.mode)
    if condition is EVERYBODY and outcome == default:
        return {name: part for name, part in definition.items() if name != "targeting"}
    others = [] if rest in {default, None} or condition is EVERYBODY else [rest]
    return {**definition, "targeting": {"if": [condition, outcome, *others]}}


def branches(definition: Mapping[str, Json]) -> int:
    """Return how many conditions the rule of a flag asks, one after the other."""
    return len(_operands(definition.get("targeting"))) // 2


def _check(definition: Mapping[str, Json], wish: Wish, rest: str | None) -> None:
    """Raise Invalid for variants that the flag does not have, and for a rest that gets the same or is nobody."""
    variants = definition.get("variants") or {}
    for name in filter(None, (wish.variant, wish.otherwise)):
        if name not in variants:
            near = get_close_matches(name, variants, 1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(variants)}."
            raise Invalid(f"The flag has no variant {name}; {meant}", field="variant")
    has_rest = wish.percent is not None or (wish.when is not None and wish.mode is not Mode.ADD)
    if has_rest and wish.variant == rest:
        raise Invalid(f"All would get {rest}; say what the others get.", field="otherwise")
    if wish.otherwise and not has_rest:
        raise Invalid(
            "Nobody is left to get something else: only a condition or a percentage leaves others.", field="otherwise"
        )


def _check_simple(definition: Mapping[str, Json], mode: Mode) -> None:
    """Raise SeveralBranches where a rule would go that took more than one wish to make."""
    number = branches(definition)
    if number > 1 and mode is Mode.SIMPLE:
        raise SeveralBranches(f"The flag has a rule of {number} branches, which would go.")


def _added(rule: Json, condition: Json, outcome: Json) -> Json:
    """Return the rule with a branch before all others, or in the place of that for the same condition."""
    operands = _operands(rule) or [rule]
    for place in range(0, len(operands) - 1, 2):
        if operands[place] == condition:
            return {"if": [*operands[: place + 1], outcome, *operands[place + 2 :]]}
    return {"if": [condition, outcome, *operands]}


def _operands(rule: Json) -> list[Json]:
    """Return conditions and outcomes of a rule of branches; nothing of any other."""
    operands = rule.get("if") if isinstance(rule, dict) else None
    return operands if isinstance(operands, list) else []


def on_off_flag(owner: str, expires: str) -> dict[str, Json]:
    """Return a new flag that is off."""
    return {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "metadata": {"owner": owner, "expires": expires},
    }


def _fraction(definition: Mapping[str, Json], wish: Wish, percent: Decimal, rest: str | None) -> Json:
    if rest is None:
        raise Invalid(f"The flag has no default variant; {_others(definition, wish.variant)}", field="otherwise")
    now = _running(definition, {wish.variant, rest})
    total = max(now.total if now and now.total % _WHOLE == 0 else 0, _WHOLE * 10 ** _places(percent))
    weight = int(percent * total / _WHOLE)
    weights = {wish.variant: weight, rest: total - weight}
    order = [json.loads(each) for each in now.variants] if now else _order(weights, definition.get("defaultVariant"))
    unit = _salted(wish.salt) if wish.salt else json.loads(now.unit) if now and now.unit else None
    return {"fractional": [*([unit] if unit else []), *([name, weights[name]] for name in order)]}


def _others(definition: Mapping[str, Json], variant: str) -> str:
    """Return a sentence on what the others can get: first what the rule now leaves for the rest."""
    operands, variants = _operands(definition.get("targeting")), definition["variants"]
    rest = operands[-1] if len(operands) % 2 else None
    known = sorted(filter(variant.__ne__, variants), key=lambda name: name != rest)
    such = f", such as {known[0]}" if known and known[0] == rest else ""
    return f"say what the others get{such}: there are {', '.join(known)}."


def _names_unit(fraction: Json) -> bool:
    return not isinstance(fraction["fractional"][0], list)


def _with_key(when: Json) -> Json:
    """Return the condition for those with a key: the others would be drawn by the salt alone, all of them together."""
    known = {"!!": [{"var": TARGETING_KEY}]}
    return known if when is None else {"and": [when, known]}


def _salted(salt: str) -> Json:
    return {"cat": [f"{salt}/", {"var": TARGETING_KEY}]}


def _order(variants: Mapping[str, int], default: str | None) -> list[str]:
    return sorted(variants, key=lambda name: (name == default, name))


def _running(definition: Mapping[str, Json], variants: set[str]) -> Fraction | None:
    """Return the fraction that shares out just these variants now, if there is one."""
    found = [
        fraction
        for fraction in fractions(definition.get("targeting"), "$.targeting")
        if sorted(fraction.variants) == sorted(map(json.dumps, variants))
    ]
    return found[0] if len(found) == 1 else None


def _places(percent: Decimal) -> int:
    exponent = percent.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
