"""The review of a write: what it is refused for, each with its place, and what is worth a second look.

Refused is what flagd's clients could not use, what nobody answers for or nobody ever takes away, and what would spoil
the draw of fractions: this rule's, or another flag's.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from services.flags.domain.document import SHARED_PREFIX
from services.flags.domain.fractions import (
    OWN_UNIT,
    PER_FLAG,
    Fraction,
    continued,
    fractions,
    json_text,
    same_total,
    swapped,
)
from services.flags.domain.lint import second_looks
from services.flags.domain.references import expanded, references, shared_rules, users
from services.flags.domain.store import State
from services.kit.flags.bounds import excess, levels
from services.kit.flags.faults import faults
from services.kit.flags.rule_faults import Fault, faults_of_rule

Json: TypeAlias = Any

MOST_BYTES = 900 * 1024
"""Of all definitions together, so that one message holds them."""
MOST_VALUES = 250_000
"""In all definitions together, shared rules put in wherever they are referred to: a quarter of what a process compiles,
and a few tenths of a second of it."""
LONGEST_PROMISE = timedelta(days=366)
SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Review:
    """What was found."""

    faults: tuple[Fault, ...] = ()
    """Why it is refused; none where it may be written."""
    warnings: tuple[str, ...] = ()
    """What is allowed and still worth a second look, in sentences."""


def review(key: str, definition: Mapping[str, Json], state: State, today: date) -> Review:
    """Return what is found when a definition is to be written over the state."""
    proposal = Proposal(key, definition, state, today)
    for stage in _STAGES:
        found = tuple(fault for check in stage for fault in check(proposal))
        if found:
            return Review(found)
    return Review((), tuple(_warnings(proposal)))


class Proposal:
    """A definition that somebody wants to write, and what it meets."""

    def __init__(self, key: str, definition: Mapping[str, Json], state: State, today: date) -> None:
        self.key, self.definition, self.state, self.today = key, definition, state, today
        self.rules = shared_rules(state)
        self.is_shared = key.startswith(SHARED_PREFIX)
        """Whether it is a rule that flags share, and no flag."""
        kept = state.flags.get(key)
        self.before: Mapping[str, Json] | None = json.loads(kept.definition) if kept else None

    def rule_of(self, definition: Mapping[str, Json]) -> tuple[Json, str]:
        """Return the rule of this or a former definition, and its path."""
        return (definition, "$") if self.is_shared else (definition.get("targeting"), "$.targeting")

    def fractions(self, definition: Mapping[str, Json], *, with_shared: bool = True) -> list[Fraction]:
        """Return the fractions of this or a former definition, and of the shared rules that it refers to."""
        rule, path = self.rule_of(definition)
        return fractions(expanded(rule, self.rules) if with_shared else rule, path)

    def users(self) -> Iterator[tuple[str, Mapping[str, Json]]]:
        """Yield the flags that would get this shared rule, each with it put in."""
        name = self.key.removeprefix(SHARED_PREFIX)
        rules = {**self.rules, name: self.definition}
        for key, definition in users(name, self.state):
            yield key, expanded(definition, rules)


Check: TypeAlias = Callable[[Proposal], Iterator[Fault]]


def _shape(proposal: Proposal) -> Iterator[Fault]:
    """Yield what flagd's clients could not use, but for references, which have a check of their own."""
    found = _faults_of(expanded(proposal.definition, proposal.rules), is_shared=proposal.is_shared)
    yield from (fault for fault in found if not fault.path.endswith(".$ref"))


def _faults_of(definition: Mapping[str, Json], *, is_shared: bool) -> Iterable[Fault]:
    if not is_shared:
        return faults(definition)
    sentence = excess({"$evaluators": {"": definition}})
    return [Fault("$", sentence)] if sentence else faults_of_rule(definition, "$")


def _users(proposal: Proposal) -> Iterator[Fault]:
    for key, definition in proposal.users() if proposal.is_shared else ():
        for fault in faults(definition):
            yield Fault("$", f"{key}, which uses it, could not: at {fault.path}: {fault.sentence}")


def _promises(proposal: Proposal) -> Iterator[Fault]:
    """Yield what is missing of who answers for a flag, and until when."""
    if proposal.is_shared:
        return
    metadata = _metadata(proposal.definition)
    owner, expires = metadata.get("owner"), _date(metadata.get("expires"))
    if not isinstance(owner, str) or not owner.strip():
        yield Fault("$.metadata.owner", "It says nobody who answers for the flag.")
    if expires is None:
        yield Fault("$.metadata.expires", f"It says no day on which the flag goes, such as {proposal.today}.")
    elif expires < proposal.today:
        yield Fault("$.metadata.expires", f"{expires} is past; take the flag out of the code, or renew its promise.")
    elif expires > proposal.today + LONGEST_PROMISE:
        yield Fault("$.metadata.expires", f"{expires} is more than a year ahead.")


def _references(proposal: Proposal) -> Iterator[Fault]:
    for path, name in references(proposal.definition):
        if proposal.is_shared:
            yield Fault(path, "A shared rule cannot refer to another: clients differ in what they make of it.")
        elif name not in proposal.rules:
            there = f"there are {', '.join(sorted(proposal.rules))}" if proposal.rules else "there is none"
            yield Fault(path, f"There is no shared rule {name}; {there}.")


def _size(proposal: Proposal) -> Iterator[Fault]:
    others = (f"{key}{kept.definition}" for key, kept in proposal.state.flags.items() if key != proposal.key)
    size_bytes = sum(len(text.encode()) for text in (proposal.key, json_text(proposal.definition), *others))
    if size_bytes > MOST_BYTES:
        yield Fault("$", f"All flags together would have {size_bytes:,} bytes of {MOST_BYTES:,}.")


def _extent(proposal: Proposal) -> Iterator[Fault]:
    """Yield why no process could compile all of them: reckoned, since shared rules put in may be too much to hold."""
    definitions = {key: json.loads(each.definition) for key, each in proposal.state.flags.items()}
    definitions[proposal.key] = proposal.definition
    sizes = {key: sum(map(len, levels(each))) for key, each in definitions.items()}
    referred = (SHARED_PREFIX + name for each in definitions.values() for _, name in references(each))
    values = sum(sizes.values()) + sum(sizes.get(key, 0) for key in referred)
    if values > MOST_VALUES:
        yield Fault("$", f"All flags together, shared rules put in, would have {values:,} values of {MOST_VALUES:,}.")


def _redrawn(proposal: Proposal) -> Iterator[Fault]:
    for fraction in proposal.fractions(proposal.definition):
        if fraction.redrawn:
            sentence = (
                "It shares out what a fraction has chosen that is drawn by the same, and so all of it falls on one"
            )
            yield Fault(fraction.path, f"{sentence} side; {_OWN_SALT}.")


def _reused(proposal: Proposal) -> Iterator[Fault]:
    """Yield the fractions that are drawn by what another flag's are."""
    own = [each for each in proposal.fractions(proposal.definition, with_shared=False) if _is_salted(each)]
    taken = dict(_salts(proposal)) if own else {}
    for fraction in own:
        if fraction.unit in taken:
            other = (
                f"{taken[fraction.unit]} is drawn by the same, so the same people would fall on the same side of both"
            )
            yield Fault(f"{fraction.path}[0]", f"{other}; {_OWN_SALT}, or have both refer to one shared rule.")


def _salts(proposal: Proposal) -> Iterator[tuple[str, str]]:
    """Yield what the fractions of others are drawn by, and whose they are."""
    for key, kept in proposal.state.flags.items():
        if key != proposal.key and '"fractional"' in kept.definition:
            definition = json.loads(kept.definition)
            rule = definition if key.startswith(SHARED_PREFIX) else definition.get("targeting")
            yield from ((each.unit, key) for each in fractions(rule, "$") if _is_salted(each))


def _is_salted(fraction: Fraction) -> bool:
    return fraction.unit != OWN_UNIT and PER_FLAG not in fraction.unit


def _running(proposal: Proposal) -> Iterator[Fault]:
    """Yield the running fractions that would go on otherwise than as a ramp."""
    if proposal.before is None or not _is_enabled(proposal.before):
        return
    before, after = proposal.fractions(proposal.before), proposal.fractions(proposal.definition)
    for old, new in continued(before, after):
        exchanged = ", ".join(swapped(old, new))
        if exchanged:
            sentence = f"{exchanged} would both win and lose people: change one end of it, and keep the order of parts"
            yield Fault(new.path, f"{sentence}; or, to draw anew, {_OWN_SALT}.")
        elif not same_total(old, new) and old.ends != new.ends:
            sentence = f"The parts would have the total {new.total}, and had {old.total}; keep it, or add or take zeros"
            yield Fault(new.path, f"{sentence}; or, to draw anew, {_OWN_SALT}.")


_OWN_SALT = 'give it a salt of its own, as in {"fractional": [{"cat": ["a salt", {"var": "targetingKey"}]}, …]}'
_STAGES: tuple[tuple[Check, ...], ...] = (
    (_size, _extent),
    (_shape, _promises, _references),
    (_users, _redrawn, _reused, _running),
)
"""Each needs that those before found nothing: that all of it can be held in hand, and then that it is sound."""


def _warnings(proposal: Proposal) -> Iterator[str]:
    yield from second_looks(*proposal.rule_of(proposal.definition))
    yield from _drawn_anew(proposal)
    expires = _date(_metadata(proposal.definition).get("expires"))
    if expires is not None and expires - proposal.today <= SOON:
        yield f"It expires in {(expires - proposal.today).days} days, on {expires}."


def _drawn_anew(proposal: Proposal) -> Iterator[str]:
    """Yield the fractions that share out the variants of one that ends, drawn by something else."""
    before = proposal.fractions(proposal.before) if proposal.before and _is_enabled(proposal.before) else []
    after = proposal.fractions(proposal.definition)
    pairs = list(continued(before, after))
    ended = [{*old.variants} for old in before if all(old is not each for each, _ in pairs)]
    for new in after:
        if {*new.variants} in ended and all(new is not each for _, each in pairs):
            yield f"{new.path}: It is drawn anew, so people change sides who keep theirs in a ramp."


def _metadata(definition: Mapping[str, Json]) -> Mapping[str, Json]:
    metadata = definition.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _date(text: Json) -> date | None:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def _is_enabled(definition: Mapping[str, Json]) -> bool:
    return definition.get("state") != "DISABLED"
