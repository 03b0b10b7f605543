"""`sem_ver`: compares versions, mostly an attribute with one that stands in the rule."""

from collections.abc import Sequence
from functools import partial

from services.kit.flags.data import Run
from services.kit.flags.scope import Scope
from services.kit.flags.term import Term
from services.kit.flags.values import Json
from services.kit.flags.versions import COMPARISONS, Comparison, VersionKey

_OPERANDS = 3


def version_test(scope: Scope, terms: Sequence[Term]) -> Term:
    """Return `sem_ver` of a version, a comparison and a version; null where one of them is none."""
    general = Term(partial(_compared, scope, tuple(terms)), settles=True)
    if scope.general or len(terms) != _OPERANDS:
        return general
    read, symbol, wanted = terms
    compare = COMPARISONS.get(symbol.value) if symbol.constant and isinstance(symbol.value, str) else None
    key = scope.versions.key(wanted.value) if wanted.constant else None
    if compare is None or key is None:
        return general
    return Term(_against(scope, read, compare, key), settles=True)


def _compared(scope: Scope, terms: Sequence[Term], data: Json) -> bool | None:
    values = [term.run(data) for term in terms]
    if len(values) != _OPERANDS:
        return None
    left, right = _key(scope, terms[0], values[0]), _key(scope, terms[2], values[2])
    compare = COMPARISONS.get(values[1]) if isinstance(values[1], str) else None
    return None if left is None or right is None or compare is None else compare(left, right)


def _key(scope: Scope, term: Term, value: Json) -> VersionKey | None:
    """Return the value of an operand as a version, and tell where an attribute is there and is none."""
    key = scope.versions.key(value)
    if key is None and term.attribute and value is not None:
        scope.on_invalid(term.attribute)
    return key


def _against(scope: Scope, term: Term, compare: Comparison, wanted: VersionKey) -> Run:
    """Return the comparison with a constant version; what was read before is known."""
    read, remembered = term.run, scope.versions.known.get

    def run(data: Json) -> Json:
        value = read(data)
        key = remembered(value) if value.__class__ is str else None
        if key is None:
            key = _key(scope, term, value)
        return None if key is None else compare(key, wanted)

    return run
