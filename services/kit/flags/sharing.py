"""`fractional`: shares units out among variants, mostly the callers of one flag in parts that stand in the rule."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import partial

from mmh3 import mmh3_32_uintdigest

from services.kit.flags.cbor import TEXT_HEADS, pair_prefix
from services.kit.flags.data import Run
from services.kit.flags.fractional import Split, digest, split
from services.kit.flags.scope import EVALUATION, TARGETING_KEY, Scope
from services.kit.flags.term import Term
from services.kit.flags.values import Json


def fraction(scope: Scope, terms: Sequence[Term]) -> Term:
    """Return `fractional` of a unit and its parts, or of parts alone; null where nobody can be placed."""
    own = bool(terms) and terms[0].is_list
    if own and not scope.inside:
        scope.reads.attributes.add(TARGETING_KEY)
    shares = split([term.constants for term in (terms if own else terms[1:])])
    if scope.general or shares is None or (own and (scope.inside or digest(scope.flag_key) is None)):
        return Term(partial(_shared_out, scope, tuple(term.run for term in terms)))
    if own:
        slowly = partial(_caller_placed, scope, shares)
        return Term(_chosen(_targeting_key, pair_prefix(scope.flag_key), shares, slowly))
    return Term(_chosen(terms[0].run, b"", shares, partial(_shared_out, scope, tuple(term.run for term in terms))))


def item_unit(data: Json) -> list[Json] | None:
    """Return whom a rule shares out that names nobody: the caller, for this flag; never a hash of nothing.

    Raises AttributeError where the data is an item that has no names, as flagd-core does.
    """
    key = data.get(TARGETING_KEY)
    if not isinstance(key, str) or not key:
        return None
    return [data.get(EVALUATION, {}).get("flagKey", ""), key]


def _shared_out(scope: Scope, runs: Sequence[Run], data: Json) -> Json:
    """Return the variant of whom the first operand names, or of the caller where it is a part already."""
    values = [run(data) for run in runs]
    if not values:
        return None
    own = isinstance(values[0], list)
    who, parts = (_unit(scope, data), values) if own else (values[0], values[1:])
    return None if who is None else _placed(who, split(parts))


def _caller_placed(scope: Scope, shares: Split, context: Json) -> Json:
    who = _unit(scope, context)
    return None if who is None else _placed(who, shares)


def _placed(who: Json, shares: Split | None) -> Json:
    number = digest(who)
    return None if number is None or shares is None else shares.chosen(number)


def _unit(scope: Scope, data: Json) -> Json:
    if scope.inside:
        return item_unit(data)
    key = data.get(TARGETING_KEY)
    if isinstance(key, str) and key:
        return [scope.flag_key, key]
    scope.on_invalid(TARGETING_KEY)
    return None


def _targeting_key(context: Json) -> Json:
    return context.get(TARGETING_KEY)


def _chosen(read: Run, prefix: bytes, shares: Split, slowly: Run) -> Run:
    """Return the choice for a short text: its hash, and where that falls."""
    limits, variants = shares.limits, shares.variants

    def run(data: Json) -> Json:
        who = read(data)
        if who.__class__ is str and who:
            try:
                raw = who.encode()
                return variants[bisect_right(limits, mmh3_32_uintdigest(prefix + TEXT_HEADS[len(raw)] + raw))]
            except (IndexError, UnicodeEncodeError):  # longer than most, or half a character
                pass
        return slowly(data)

    return run
