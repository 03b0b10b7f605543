"""The operators that read the data: `var`, `missing` and `missing_some`."""

from collections.abc import Callable, Sequence

from services.kit.flags.data import looked_up, missing, missing_some, steps, walked
from services.kit.flags.scope import EVALUATION, Scope
from services.kit.flags.term import NULL, Term, constant
from services.kit.flags.values import Json

_KEY_AND_DEFAULT = 2


def variable(scope: Scope, terms: Sequence[Term]) -> Term:
    """Return `var`: quick for what stands in the rule. More than a default beside the name is a TypeError."""
    if len(terms) <= _KEY_AND_DEFAULT and all(term.constant for term in terms):
        key, default = (term.value for term in (*terms, NULL, NULL)[:_KEY_AND_DEFAULT])
        if isinstance(key, str) and key:
            return _along(key, default) if scope.inside else _at_top(scope, key, default)
    return _of_data(scope, looked_up, terms)


def absence(scope: Scope, terms: Sequence[Term]) -> Term:
    """Return `missing`."""
    return _of_data(scope, missing, terms)


def scarcity(scope: Scope, terms: Sequence[Term]) -> Term:
    """Return `missing_some`."""
    return _of_data(scope, missing_some, terms, 2)


def _at_top(scope: Scope, path: str, default: Json) -> Term:
    root, *rest = path.split(".")
    if root == EVALUATION:
        if rest == ["flagKey"]:
            return constant(scope.flag_key)
        scope.reads.whole = True
        return _along(path, default)
    scope.reads.attributes.add(root)
    if rest:
        below = steps(".".join(rest))
        return Term(lambda data: walked(data.get(root), below, default), attribute=path)
    if default is not None:
        return Term(lambda data: default if (value := data.get(root)) is None else value, attribute=path)
    return Term(lambda data: data.get(root), attribute=path)


def _along(path: str, default: Json) -> Term:
    parts = steps(path)
    return Term(lambda data: walked(data, parts, default))


def _of_data(scope: Scope, function: Callable[..., Json], terms: Sequence[Term], most: int | None = None) -> Term:
    """Return the function of the data and of so many operands, which may read whatever there is."""
    if not scope.inside:
        scope.reads.whole = True
        scope.reads.attributes.update(_names(terms))
    runs = [term.run for term in terms]
    return Term(lambda data: function(data, *[run(data) for run in runs][:most]))


def _names(terms: Sequence[Term]) -> set[str]:
    values = [value for term in terms for value in (term.constants or [term.value])]
    return {value.split(".")[0] for value in values if isinstance(value, str) and value}
