"""flagd-core, put to the same questions: what it answers is what ours has to."""

import logging
from collections.abc import Mapping
from typing import TypeAlias

from json_logic import jsonLogic
from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.contrib.tools.flagd.core.targeting.targeting import OPERATORS
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import OpenFeatureError

from services.kit.clock import SystemClock
from services.kit.flags.compile import compile_flags
from services.kit.flags.decision import Decision
from services.kit.flags.snapshot import Snapshot
from services.kit.flags.values import Json

NOON = 1_764_000_000
"""The time of rules whose values are compared."""

Answer: TypeAlias = tuple[str, str | None, str, str | None]
"""The value as Python writes it, so that 1, 1.0 and True differ; the variant, the reason, and the error's code."""


def core_of(definitions: str) -> FlagdCore:
    """Return flagd-core with the definitions. Raises whatever it raises where it refuses them."""
    logging.getLogger("openfeature.contrib").disabled = True  # it writes a line for every operand it cannot use
    core = FlagdCore()
    core.set_flags(definitions)
    return core


class Oracle:
    """Both evaluators with the same definitions."""

    def __init__(self, definitions: str) -> None:
        self.core = core_of(definitions)
        self.ours: Snapshot = compile_flags(definitions, now=lambda: SystemClock().now().timestamp())

    def difference(self, key: str, context: Mapping[str, Json]) -> str:
        """Return how the two differ about a flag; empty where they agree.

        Both read the clock, whose second may turn between the two, so a difference has to be there twice.
        """
        for _ in range(2):
            expected, found = self.expected(key, context), answer(self.ours.evaluate(key, context))
            if expected == found:
                return ""
        return f"{key} for {context!r}: flagd-core {expected}, ours {found}"

    def expected(self, key: str, context: Mapping[str, Json]) -> Answer:
        """Return what flagd-core answers, and for what it raises what its clients make of it."""
        attributes = {name: value for name, value in context.items() if name != "targetingKey"}
        asked = EvaluationContext(context.get("targetingKey"), attributes)
        try:
            # The one way in that does not ask for a type: those are tests of their own.
            found = self.core._resolve(key, None, asked)
        except OpenFeatureError as error:
            return "None", None, "ERROR", error.error_code.value
        except Exception:  # noqa: BLE001 - as the OpenFeature client does
            return "None", None, "ERROR", "GENERAL"
        return repr(found.value), found.variant, str(found.reason), None


def answer(decision: Decision) -> Answer:
    """Return our decision in the oracle's words."""
    code = decision.error.value if decision.error else None
    return repr(decision.value), decision.variant, decision.reason.value, code


def expected_value(rule: Json, context: Mapping[str, Json]) -> str:
    """Return what panzi-json-logic with flagd-core's operators makes of a rule, or the kind of its failure."""
    logging.getLogger("openfeature.contrib").disabled = True
    data = {**context, "$flagd": {"flagKey": "flag", "timestamp": NOON}}
    data["targetingKey"] = context.get("targetingKey")
    try:
        return repr(jsonLogic(rule, data, OPERATORS))
    except ReferenceError:
        return "PARSE_ERROR"
    except Exception:  # noqa: BLE001 - as the OpenFeature client does
        return "GENERAL"
