"""What flags are measured with: five that ask and 95 that do not, the same rules in the words of each evaluator.

A flag that asks gives one type of client from one version on a half, people in some countries a tenth, others nothing.
Mix A goes through all flags evenly, mix B through those that ask.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = Any

ASKING, SILENT = 5, 95
CALLERS = 20_000
_SEED = 6
_CLIENTS = ("ios", "android", "desktop", "web", "tv", "speaker", "car")
_COUNTRIES = ("SE", "NO", "DK", "FI", "DE", "FR", "BR", "IN", "US", "MX")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks for flags."""

    user: str
    client_type: str
    app_version: str
    country: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What one flag asks."""

    client_type: str
    least_version: str
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mix:
    """Which flags are asked for."""

    name: str
    keys: tuple[str, ...]


def callers() -> list[Caller]:
    """Return people as they come."""
    chance = random.Random(_SEED)  # noqa: S311 - no secret: it has to repeat
    return [
        Caller(
            f"{chance.getrandbits(64):016x}",
            chance.choice(_CLIENTS),
            f"{chance.randint(7, 9)}.{chance.randint(0, 12)}.{chance.randint(0, 40)}",
            chance.choice(_COUNTRIES),
        )
        for _ in range(CALLERS)
    ]


def rules(count: int) -> dict[str, Rule]:
    """Return so many flags that ask."""
    return {
        f"asking-{number}": Rule(
            _CLIENTS[number % len(_CLIENTS)],
            f"8.{number % 10}.0",
            tuple(_COUNTRIES[(number + step) % len(_COUNTRIES)] for step in range(4)),
        )
        for number in range(count)
    }


RULES = rules(ASKING)
SILENT_KEYS = tuple(f"silent-{number}" for number in range(SILENT))
MIXES = (Mix("a", (*RULES, *SILENT_KEYS)), Mix("b", tuple(RULES)))


def flagd_document(asking: dict[str, Rule], silent: Sequence[str] = ()) -> str:
    """Return the flags in flagd's format, which is ours."""
    flag = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "metadata": {"owner": "us"},
    }
    flags = {key: flag | {"targeting": _targeting(rule)} for key, rule in asking.items()}
    return json.dumps({"flags": flags | dict.fromkeys(silent, flag)})


def _targeting(rule: Rule) -> Json:
    client = {"==": [{"var": "client_type"}, rule.client_type]}
    version = {"sem_ver": [{"var": "app_version"}, ">=", rule.least_version]}
    country = {"in": [{"var": "country"}, list(rule.countries)]}
    return {"if": [{"and": [client, version]}, _shares(50), {"if": [country, _shares(10), "off"]}]}


def _shares(percent: int) -> Json:
    return {"fractional": [["on", percent], ["off", 100 - percent]]}


def growthbook_features() -> Json:
    """Return the flags as GrowthBook has them: a rule for each case, each an experiment of two variations."""
    silent = {key: {"defaultValue": False} for key in SILENT_KEYS}
    return silent | {key: {"defaultValue": False, "rules": _growthbook_rules(rule)} for key, rule in RULES.items()}


def _growthbook_rules(rule: Rule) -> list[Json]:
    who = {"client_type": rule.client_type, "app_version": {"$vgte": rule.least_version}}
    both = {"variations": [True, False], "hashAttribute": "id", "hashVersion": 2}
    return [
        both | {"condition": who, "weights": [0.5, 0.5]},
        both | {"condition": {"country": {"$in": list(rule.countries)}}, "weights": [0.1, 0.9]},
    ]


def unleash_state() -> str:
    """Return the flags as Unleash has them: a strategy for each case, each with two variants."""
    silent = [_toggle(key, [{"name": "default"}]) for key in SILENT_KEYS]
    return json.dumps({"version": 2, "features": silent + [_toggle(k, _strategies(rule)) for k, rule in RULES.items()]})


def _toggle(key: str, strategies: list[Json]) -> Json:
    return {"name": key, "type": "release", "enabled": True, "project": "default", "strategies": strategies}


def _strategies(rule: Rule) -> list[Json]:
    client = {"contextName": "client_type", "operator": "IN", "values": [rule.client_type]}
    # There is no "from this version on", so: not before it.
    version = {"contextName": "app_version", "operator": "SEMVER_LT", "value": rule.least_version, "inverted": True}
    country = {"contextName": "country", "operator": "IN", "values": list(rule.countries)}
    return [_strategy([client, version], 50), _strategy([country], 10)]


def _strategy(constraints: list[Json], percent: int) -> Json:
    variants = [("on", percent), ("off", 100 - percent)]
    return {
        "name": "flexibleRollout",
        "constraints": constraints,
        "parameters": {"rollout": "100", "stickiness": "userId", "groupId": "all"},
        "variants": [{"name": name, "weight": share * 10, "stickiness": "userId"} for name, share in variants],
    }
