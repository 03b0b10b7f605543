"""Rules, compiled: a tree of JsonLogic becomes a tree of closures, once, when definitions arrive.

    scope = Scope("new-grid")
    term = Compiler(scope).compile({"if": [{"==": [{"var": "client_type"}, "tv"]}, "on", None]})
    term.run({"client_type": "tv"})     # "on"
    scope.reads.attributes              # {"client_type"}

Equal to flagd-core on every input: the same value, and an exception where that raises one. An expression is a dict of
one entry; any other dict is itself, and a list is the list of its items' values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.kit.flags.data import Run
from services.kit.flags.lazy import ITERATIONS, choice, conjunction, disjunction, reduction
from services.kit.flags.operators import OPERATORS
from services.kit.flags.scope import Scope
from services.kit.flags.sem_ver import version_test
from services.kit.flags.sharing import fraction
from services.kit.flags.shortcuts import SHORTCUTS
from services.kit.flags.term import NULL, Term, constant, listed
from services.kit.flags.values import Json
from services.kit.flags.variables import absence, scarcity, variable

_LOGICAL: Mapping[str, Callable[[Sequence[Term]], Term]] = {
    "if": choice,
    "?:": choice,
    "and": conjunction,
    "or": disjunction,
}
_SCOPED: Mapping[str, Callable[[Scope, Sequence[Term]], Term]] = {
    "var": variable,
    "missing": absence,
    "missing_some": scarcity,
    "sem_ver": version_test,
    "fractional": fraction,
}
_REDUCE = "reduce"
NAMES = frozenset({*_LOGICAL, *_SCOPED, *ITERATIONS, *OPERATORS, _REDUCE})
"""Of all operators."""


class UnknownOperator(Exception):  # noqa: N818 - becomes a decision, and leaves no evaluation
    """The rule has an operator that there is none of."""


Watch: TypeAlias = Callable[[str, str, Term], Term]
"""Sees each expression as it is compiled: its JSON path, its operator, empty for what is no operation, and the term. It
returns the term to use instead."""


def _unwatched(_at: str, _operator: str, term: Term) -> Term:
    return term


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles the rule of one flag."""

    scope: Scope
    watch: Watch = _unwatched

    def compile(self, logic: Json, at: str = "$.targeting") -> Term:
        """Return the logic, compiled; `at` is its JSON path."""
        if isinstance(logic, list):
            return self.watch(at, "", listed(self._each(logic, at)))
        if not isinstance(logic, dict) or len(logic) != 1:
            return self.watch(at, "", self.scope.constants.term(logic))
        [(name, operands)] = logic.items()
        listed_operands = operands if isinstance(operands, list) else [operands]
        return self.watch(at, name, self._operation(name, listed_operands, f"{at}.{name}"))

    def _each(self, logics: Sequence[Json], at: str) -> list[Term]:
        return [self.compile(logic, f"{at}[{number}]") for number, logic in enumerate(logics)]

    def _operation(self, name: str, operands: list[Json], at: str) -> Term:
        if name in ITERATIONS:
            return self._iteration(name, operands, at)
        if name == _REDUCE:
            return self._reduction(operands, at)
        terms = self._each(operands, at)
        if name in _LOGICAL:
            return _LOGICAL[name](terms)
        if name in _SCOPED:
            return _SCOPED[name](self.scope, terms)
        return self._call(name, terms) if name in OPERATORS else _unknown(name, terms)

    def _iteration(self, name: str, operands: list[Json], at: str) -> Term:
        iteration = ITERATIONS[name]
        if len(operands) < iteration.least_operands:
            return Term(lambda _: iteration.nothing())
        items, step = (*operands, None)[:2]
        each = self._within().compile(step, f"{at}[1]")
        return Term(iteration.over(self.compile(items, f"{at}[0]").run, each))

    def _reduction(self, operands: list[Json], at: str) -> Term:
        if not operands:
            return NULL
        items, step, initial = (*operands, None, None)[:3]
        each = self._within().compile(step, f"{at}[1]")
        return Term(reduction(self.compile(items, f"{at}[0]").run, each.run, initial))

    def _within(self) -> "Compiler":
        return Compiler(self.scope.within(), self.watch)

    def _call(self, name: str, terms: Sequence[Term]) -> Term:
        operator = OPERATORS[name]
        general = Term(_applied(operator.function, operator.most_operands, terms), settles=operator.settles)
        if self.scope.general:
            return general
        if all(term.constant for term in terms):
            return _folded(general)
        shortcut = SHORTCUTS[name](terms) if name in SHORTCUTS else None
        return Term(shortcut, settles=True) if shortcut else general


def _applied(function: Callable[..., Json], most: int | None, terms: Sequence[Term]) -> Run:
    """Return the function of its operands; those that it does not take are evaluated all the same."""
    runs = [term.run for term in terms]
    if most is None or len(runs) > most:
        return lambda data: function(*[run(data) for run in runs][:most])
    match runs:
        case [only]:
            return lambda data: function(only(data))
        case [first, second]:
            return lambda data: function(first(data), second(data))
    return lambda data: function(*[run(data) for run in runs])


_SCALARS = (str, int, float, type(None))


def _folded(term: Term) -> Term:
    """Return a term of constants as a constant; not what raises, nor NaN and lists, which identity tells apart."""
    try:
        value = term.run(None)
    except Exception:  # noqa: BLE001 - whatever it is, it is for each evaluation to raise
        return term
    return constant(value) if isinstance(value, _SCALARS) and value == value else term  # noqa: PLR0124 - not NaN


def _unknown(name: str, terms: Sequence[Term]) -> Term:
    """Return what fails when it is evaluated, after its operands, and only then."""
    runs = [term.run for term in terms]
    # flagd-core looks for the part behind a dot within the operator before it, which is a fault of another kind.
    within_another = "." in name and name.split(".", 1)[0] in _PLAIN
    error = TypeError if within_another else UnknownOperator

    def run(data: Json) -> Json:
        for each in runs:
            each(data)
        raise error(f"There is no operator {name!r:.80}.")

    return Term(run)


_PLAIN = frozenset({*_SCOPED, *OPERATORS})
"""Operators that look at all their operands first."""
