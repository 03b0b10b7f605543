"""`fractional`: shares units out among variants, mostly the callers of one flag in parts that stand in the rule."""

from bisect import bisect_right
from collections.abc import Sequence

from mmh3 import mmh3_32_uintdigest

from services.kit.flags.cbor import TEXT_HEADS, pair_prefix
from services.kit.flags.data import Run
from services.kit.flags.fractional import Split, digest, split
from services.kit.flags.scope import EVALUATION, TARGETING_KEY, Scope
from services.kit.flags.term import Term
from services.kit.flags.values import Json


def fraction(scope: Scope, terms: Sequence[Term]) -> Term:
    """Return `fractional` of a unit and its parts, or of parts alone; null where nobody can be placed."""
    own = bool(terms) and terms[0].items is not None
    if own and not scope.inside:
        scope.reads.attributes.add(TARGETING_KEY)
    general = _general(scope, terms)
    if scope.general or not terms or (own and scope.inside):
        return Term(general)
    parts = [term.constants for term in (terms if own else terms[1:])]
    shares = split(parts)
    if shares is None or digest(scope.flag_key) is None:
        return Term(general)
    if own:
        return Term(_chosen(_targeting_key, pair_prefix(scope.flag_key), shares, general))
    return Term(_chosen(terms[0].run, b"", shares, general))


def item_unit(data: Json) -> list[Json] | None:
    """Return whom a rule shares out that names nobody: the caller, for this flag; never a hash of nothing.

    Raises AttributeError where the data is an item that has no names, as flagd-core does.
    """
    key = data.get(TARGETING_KEY)
    if not isinstance(key, str) or not key:
        return None
    return [data.get(EVALUATION, {}).get("flagKey", ""), key]


def _general(scope: Scope, terms: Sequence[Term]) -> Run:
    runs, unit = [term.run for term in terms], item_unit if scope.inside else _caller(scope)

    def run(data: Json) -> Json:
        values = [run(data) for run in runs]
        if not values:
            return None
        own = isinstance(values[0], list)
        who, parts = (unit(data), values) if own else (values[0], values[1:])
        return None if who is None else _placed(who, parts)

    return run


def _placed(who: Json, parts: Sequence[Json]) -> Json:
    number, shares = digest(who), split(parts)
    return None if number is None or shares is None else shares.chosen(number)


def _caller(scope: Scope) -> Run:
    def run(context: Json) -> list[Json] | None:
        key = context.get(TARGETING_KEY)
        if isinstance(key, str) and key:
            return [scope.flag_key, key]
        scope.on_invalid(TARGETING_KEY)
        return None

    return run


def _targeting_key(context: Json) -> Json:
    return context.get(TARGETING_KEY)


def _chosen(read: Run, prefix: bytes, shares: Split, general: Run) -> Run:
    limits, variants = shares.limits, shares.variants

    def run(data: Json) -> Json:
        who = read(data)
        if who.__class__ is str and who:
            try:
                raw = who.encode()
                return variants[bisect_right(limits, mmh3_32_uintdigest(prefix + TEXT_HEADS[len(raw)] + raw))]
            except (IndexError, UnicodeEncodeError):  # longer than most, or half a character
                pass
        return general(data)

    return run
