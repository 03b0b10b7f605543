"""What is wrong with a rule, and what it can come to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.kit.flags.cost import ITERATIONS, excess_per_item
from services.kit.flags.fractional import MOST_WEIGHT
from services.kit.flags.grammar import COMPARISONS, EVALUATION_PATHS, SHAPES
from services.kit.flags.scope import EVALUATION
from services.kit.flags.values import Json, truthy
from services.kit.flags.versions import Versions

Values: TypeAlias = Iterator[tuple[str, Json]]
"""With the JSON path of each."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a definition, and where."""

    path: str
    """A JSON path, such as `$.targeting.if[0].fractional[1]`."""
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}"


def faults_of_rule(logic: Json, at: str) -> Iterator[Fault]:
    """Yield what is wrong with an expression and those within it."""
    if isinstance(logic, list):
        for number, item in enumerate(logic):
            yield from faults_of_rule(item, f"{at}[{number}]")
    elif isinstance(logic, dict):
        yield from _faults_of_operation(logic, at)


def comes_to(logic: Json, at: str) -> Values:
    """Yield the values that a rule may come to, as far as they stand in it, and where they do."""
    if not isinstance(logic, dict) or len(logic) != 1:
        yield at, logic
        return
    [(name, operands)] = logic.items()
    listed = _listed(operands)
    below = f"{at}.{name}"
    if name in _CHOICES:
        yield from _CHOICES[name](listed, below)
    elif name in SHAPES and SHAPES[name].truth:
        yield from ((at, True), (at, False))


def _faults_of_operation(operation: dict[str, Json], at: str) -> Iterator[Fault]:
    if len(operation) != 1:
        yield Fault(at, "An operation is an object of one entry, its operator.")
        return
    [(name, operands)] = operation.items()
    shape, listed, below = SHAPES.get(name), _listed(operands), f"{at}.{name}"
    if name == "$ref":
        yield Fault(below, "A flag stands alone: write out what it would share.")
    elif shape is None:
        yield Fault(below, "There is no such operator.")
    elif not isinstance(operands, list) and not shape.alone:
        yield Fault(below, "Its operands are a list.")
    elif len(listed) < shape.least or (shape.most is not None and len(listed) > shape.most):
        yield Fault(below, f"It has {len(listed)} operands instead of {shape.words}.")
    else:
        yield from _OPERANDS.get(name, _any_operands)(listed, below)
        sentence = excess_per_item(name, listed[1]) if name in ITERATIONS else ""
        if sentence:
            yield Fault(f"{below}[1]", sentence)


def _any_operands(operands: Sequence[Json], at: str) -> Iterator[Fault]:
    for number, operand in enumerate(operands):
        yield from faults_of_rule(operand, f"{at}[{number}]")


def _var_operands(operands: Sequence[Json], at: str) -> Iterator[Fault]:
    path, *default = operands
    if not isinstance(path, str):
        yield Fault(at, "What it reads is no name.")
    elif path.split(".")[0] == EVALUATION and path not in EVALUATION_PATHS:
        yield Fault(at, f"Of the evaluation there is {' and '.join(EVALUATION_PATHS)}.")
    if default and isinstance(default[0], list | dict):
        yield Fault(at, "Its default is no plain value.")


def _missing_operands(operands: Sequence[Json], at: str) -> Iterator[Fault]:
    if not all(isinstance(name, str) for name in operands):
        yield Fault(at, "What it looks for is no list of names.")


def _missing_some_operands(operands: Sequence[Json], at: str) -> Iterator[Fault]:
    least, names = operands
    if isinstance(least, bool) or not isinstance(least, int | float):
        yield Fault(f"{at}[0]", "How many there must be is no number.")
    yield from _missing_operands(names if isinstance(names, list) else [None], f"{at}[1]")


def _texts(operands: Sequence[Json], at: str) -> Iterator[Fault]:
    for number, operand in enumerate(operands):
        if not isinstance(operand, str | dict):
            yield Fault(f"{at}[{number}]", "It is neither a text nor an operation.")
    yield from _any_operands(operands, at)


def _versions(operands: Sequence[Json], at: str) -> Iterator[Fault]:
    read = Versions()
    for number in (0, 2):
        version = operands[number]
        if not isinstance(version, dict) and not (isinstance(version, str) and read.key(version)):
            yield Fault(f"{at}[{number}]", "It is neither a version such as 8.9.0 nor an operation.")
    if operands[1] not in COMPARISONS:
        yield Fault(f"{at}[1]", f"It is none of {' '.join(COMPARISONS)}.")
    yield from _any_operands(operands, at)


def _parts(operands: Sequence[Json], at: str) -> Iterator[Fault]:
    for number, part in _numbered_parts(operands):
        yield from _faults_of_part(part, f"{at}[{number}]")
    if not isinstance(operands[0], list):
        if not isinstance(operands[0], dict):
            yield Fault(f"{at}[0]", "Whom it shares out is no operation, or everybody falls into one part.")
        yield from faults_of_rule(operands[0], f"{at}[0]")
    parts = [part for _, part in _numbered_parts(operands) if isinstance(part, list)]
    weights = [part[1] if len(part) > 1 else 1 for part in parts]
    if all(type(weight) is int for weight in weights) and not 0 < sum(weights) <= MOST_WEIGHT:
        yield Fault(at, f"Its parts weigh {sum(weights):,} together, which is not from 1 to {MOST_WEIGHT:,}.")


def _faults_of_part(part: Json, at: str) -> Iterator[Fault]:
    if not isinstance(part, list) or len(part) not in (1, 2):
        yield Fault(at, "A part is a list of a variant and its weight.")
        return
    yield from _any_operands(part, at)
    weight = part[1] if len(part) > 1 else 1
    if not isinstance(weight, dict) and not (type(weight) is int and 0 <= weight <= MOST_WEIGHT):
        yield Fault(f"{at}[1]", f"A weight is a whole number from 0 to {MOST_WEIGHT:,}.")


def _numbered_parts(operands: Sequence[Json]) -> list[tuple[int, Json]]:
    first = 0 if operands and isinstance(operands[0], list) else 1
    return list(enumerate(operands))[first:]


_OPERANDS: Mapping[str, Callable[[Sequence[Json], str], Iterator[Fault]]] = {
    "var": _var_operands,
    "missing": _missing_operands,
    "missing_some": _missing_some_operands,
    "starts_with": _texts,
    "ends_with": _texts,
    "sem_ver": _versions,
    "fractional": _parts,
}
"""What an operator asks of its operands, beyond their number and that each is an expression."""


def _of_choice(operands: Sequence[Json], at: str) -> Values:
    last = len(operands) - 1
    for number, operand in enumerate(operands):
        if number % 2 or number == last:
            yield from comes_to(operand, f"{at}[{number}]")


def _of_series(*, until: bool) -> Callable[[Sequence[Json], str], Values]:
    """Return what `and` (until something is not true) or `or` may come to."""

    def values(operands: Sequence[Json], at: str) -> Values:
        last = len(operands) - 1
        for number, operand in enumerate(operands):
            for path, value in comes_to(operand, f"{at}[{number}]"):
                if number == last or truthy(value) is until:
                    yield path, value

    return values


def _of_parts(operands: Sequence[Json], at: str) -> Values:
    for number, part in _numbered_parts(operands):
        if isinstance(part, list) and part:
            yield from comes_to(part[0], f"{at}[{number}][0]")


_CHOICES: Mapping[str, Callable[[Sequence[Json], str], Values]] = {
    "if": _of_choice,
    "and": _of_series(until=False),
    "or": _of_series(until=True),
    "fractional": _of_parts,
}


def _listed(operands: Json) -> list[Json]:
    return operands if isinstance(operands, list) else [operands]
