"""Evaluators of flags beside ours, each used as its own documentation has it, with its contexts made beforehand."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TypeAlias

from growthbook import GrowthBook
from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
from yggdrasil_engine.engine import UnleashEngine

from benchmarks.flag_mixes import RULES, SILENT_KEYS, Caller, flagd_document, growthbook_features, unleash_state

Evaluate: TypeAlias = Callable[[str, int], bool]
"""From a flag's key and the number of a caller to whether the flag is on, after a full answer was made."""


def flagd_core(callers: Sequence[Caller]) -> Evaluate:
    """Return flagd's own evaluator in Python; its answer has value, variant, reason and metadata."""
    core = FlagdCore()
    core.set_flags(flagd_document(RULES, SILENT_KEYS))
    contexts = [EvaluationContext(caller.user, asdict(caller)) for caller in callers]

    def evaluate(key: str, caller: int) -> bool:
        return core.resolve_boolean_value(key, False, contexts[caller]).value  # noqa: FBT003 - its own signature

    return evaluate


def growthbook(callers: Sequence[Caller]) -> Evaluate:
    """Return GrowthBook with one object for all callers; its answer has value, source and the experiment's result."""
    book = GrowthBook(features=growthbook_features())
    contexts = [asdict(caller) | {"id": caller.user} for caller in callers]

    def evaluate(key: str, caller: int) -> bool:
        book.set_attributes(contexts[caller])
        return bool(book.eval_feature(key).value)

    return evaluate


def unleash(callers: Sequence[Caller]) -> Evaluate:
    """Return the engine beneath Unleash's client; its answer has the variant and whether the flag is enabled."""
    engine = UnleashEngine()
    engine.take_state(unleash_state())
    contexts = [{"userId": caller.user, "properties": asdict(caller)} for caller in callers]

    def evaluate(key: str, caller: int) -> bool:
        return bool(engine.check_variant(key, contexts[caller]).variant.name == "on")

    return evaluate
