"""Why a flag decided as it did: every expression that was evaluated, with what it came to.

    explanation = explain(snapshot, "new-grid", {"client_type": "tv", "targetingKey": "user-17"})
    explanation.decision.variant                # "on"
    explanation.rule.steps[0].value             # what the rule's first condition came to

The rule is compiled anew with a watch around each expression, by the code that compiles it for calls, so it cannot tell
another story.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from services.kit.flags.decision import Decision
from services.kit.flags.fractional import Split, digest, split
from services.kit.flags.rule import Compiler
from services.kit.flags.scope import Scope
from services.kit.flags.sharing import item_unit
from services.kit.flags.snapshot import CompiledFlag, Snapshot
from services.kit.flags.term import Term
from services.kit.flags.values import Context, Json
from services.kit.flags.versions import Versions


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a fraction."""

    variant: Json
    first: int
    """Its first bucket."""
    end: int
    """The first bucket behind it."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a unit fell."""

    unit: Json
    """Whom the hash is of."""
    number: int
    total: int
    """How many buckets there are."""
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One expression, evaluated."""

    path: str
    """Its JSON path in the definition."""
    operator: str
    """Empty for a value that stands in the rule."""
    value: Json
    """What it came to; null where it failed."""
    steps: "tuple[Step, ...]" = ()
    """Those within it that were evaluated, in that order: of an `if` its conditions, then the branch that was taken."""
    attribute: str = ""
    """What it read of the context, where it is a variable."""
    unusable: bool = False
    """Whether it was to be a version, or whom to share out, and is none."""
    bucket: Bucket | None = None
    """Where a fraction put its unit."""
    fault: str = ""
    """Why it could not be evaluated."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision, and how it came about."""

    decision: Decision
    rule: Step | None
    """None where there was no rule to ask."""


def explain(snapshot: Snapshot, key: str, context: Context) -> Explanation:
    """Return what the snapshot decides for the context, and why. Never raises."""
    flag = snapshot.flags.get(key)
    if flag is None or flag.settled is not None:
        return Explanation(snapshot.evaluate(key, context), None)
    return _watched(flag, context)


def _watched(flag: CompiledFlag, context: Context) -> Explanation:
    recorder = _Recorder()
    scope = Scope(flag.key, general=True)
    rule = Compiler(scope, recorder.watch).compile(flag.definition["targeting"])
    try:
        decision = flag.outcomes.of(rule.run(flag.data(context)))
    except Exception as error:  # noqa: BLE001 - a decision, as in an evaluation
        decision = flag.outcomes.failed(error)
    return Explanation(decision, recorder.steps[0] if recorder.steps else None)


@dataclass(slots=True)
class _Recorder:
    """Notes what each expression comes to, within the one that asked for it."""

    steps: list[Step] = field(default_factory=list)
    """Those so far of the expression at hand."""

    def watch(self, at: str, operator: str, term: Term) -> Term:
        """Return the term with a note of each run."""

        def run(data: Json) -> Json:
            outer, self.steps = self.steps, []
            value, fault = None, ""
            try:
                value = term.run(data)
            except Exception as error:
                fault = str(error) or type(error).__name__
                raise
            finally:
                step = Step(at, operator, value, tuple(self.steps), term.attribute, fault=fault)
                outer.append(_DETAILS[operator](step, data) if operator in _DETAILS and not fault else step)
                self.steps = outer
            return value

        return replace(term, run=run, branches=(), otherwise=None)


def _with_versions(step: Step, _data: Json) -> Step:
    """Return a `sem_ver` with its unusable operands marked."""
    read = Versions().key
    marked = [replace(side, unusable=read(side.value) is None) for side in step.steps]
    # What stands between the two versions is how to compare them.
    return replace(step, steps=(*marked[:1], *step.steps[1:2], *marked[2:]))


def _with_bucket(step: Step, data: Json) -> Step:
    """Return a `fractional` with its bucket, or marked where there is nobody to share out."""
    values = [operand.value for operand in step.steps]
    own = not values or isinstance(values[0], list)
    unit = item_unit(data) if own and values else (values[0] if values else None)
    hashed, shares = digest(unit), split(values if own else values[1:])
    if unit is None or hashed is None:
        return replace(step, unusable=True)
    if shares is None:
        return step
    return replace(step, bucket=Bucket(unit, shares.bucket(hashed), shares.total, tuple(_shares(shares))))


def _shares(shares: Split) -> Iterator[Share]:
    for variant, first, end in zip(shares.variants, (0, *shares.ends), shares.ends, strict=False):
        yield Share(variant, first, end)


_DETAILS: Mapping[str, Callable[[Step, Json], Step]] = {"sem_ver": _with_versions, "fractional": _with_bucket}
"""What more there is to tell about some operators."""
