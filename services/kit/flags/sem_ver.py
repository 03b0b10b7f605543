"""`sem_ver`: compares versions, mostly an attribute with one that stands in the rule."""

from collections.abc import Mapping, Sequence

from services.kit.flags.data import Run
from services.kit.flags.scope import Scope
from services.kit.flags.term import Term
from services.kit.flags.values import Json
from services.kit.flags.versions import COMPARISONS, Comparison, VersionKey

_OPERANDS = 3


def version_test(scope: Scope, terms: Sequence[Term]) -> Term:
    """Return `sem_ver` of a version, a comparison and a version; null where one of them is none."""
    general = _general(scope, terms)
    if scope.general or len(terms) != _OPERANDS:
        return Term(general, settles=True)
    read, symbol, wanted = terms
    compare = COMPARISONS.get(symbol.value) if symbol.constant and isinstance(symbol.value, str) else None
    key = scope.versions.key(wanted.value) if wanted.constant else None
    if compare is None or key is None:
        return Term(general, settles=True)
    return Term(_against(key, compare, read.run, scope.versions.known, general), settles=True)


def _general(scope: Scope, terms: Sequence[Term]) -> Run:
    key_of = scope.versions.key

    def run(data: Json) -> bool | None:
        values = [term.run(data) for term in terms]
        if len(values) != _OPERANDS:
            return None
        left, right = key_of(values[0]), key_of(values[2])
        if left is None or right is None:
            _tell_invalid(scope, terms, values)
            return None
        compare = COMPARISONS.get(values[1]) if isinstance(values[1], str) else None
        return compare(left, right) if compare else None

    return run


def _tell_invalid(scope: Scope, terms: Sequence[Term], values: Sequence[Json]) -> None:
    for term, value in zip(terms, values, strict=True):
        if term.attribute and value is not None and scope.versions.key(value) is None:
            scope.on_invalid(term.attribute)


def _against(
    wanted: VersionKey, compare: Comparison, read: Run, known: Mapping[str, VersionKey | None], general: Run
) -> Run:
    remembered = known.get

    def run(data: Json) -> Json:
        value = read(data)
        key = remembered(value) if value.__class__ is str else None
        return general(data) if key is None else compare(key, wanted)

    return run
