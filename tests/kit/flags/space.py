"""Flags and contexts by chance: some as people write them, some that nobody would, all repeatable from a seed."""

import json
import random
from collections.abc import Callable, Sequence

from services.kit.flags.values import Json

NAMES = ("client_type", "app_version", "country", "tier", "app_build", "beta", "tags", "device", "email", "ü")
CLIENTS = ("ios", "android", "desktop", "web", "tv", "speaker", "car")
COUNTRIES = ("SE", "NO", "DK", "DE", "BR", "IN", "US", "")
VERSIONS = (
    *(
        "8.9.30",
        "8.9.30.463",
        "8.9.30+463",
        "v8.9",
        "V9",
        "08.9.1",
        "8",
        "8.10.0-beta.2",
        "8.10.0-beta.11",
        "8.10.0-rc",
    ),
    *("", "v", "None", "1.2.3-", "1.2.3-0", "1.2.3-01", "1.2.3--", "1.2.3 ", "1.2.3\n", "-1.2.3", "1..2", "9.0.0-a.b"),
)
SCALARS: tuple[Json, ...] = (
    *(None, True, False, 0, 1, -1, 2, 5, 50, 2**31, 2**53 + 1, 2**64, -(2**63), -(2**70), 10**40),
    *(0.0, -0.0, 1.0, 1.5, 50.0, 0.1, 1e300, 65_504.0, 65_505.5, 5e-324, float("inf"), float("nan")),
    *(
        "",
        "on",
        "off",
        "true",
        "false",
        "True",
        "null",
        "1",
        "1.0",
        "NaN",
        "nan",
        "inf",
        "-inf",
        "infinity",
        " 12 ",
        " inf ",
    ),
    *("1_000", "0x10", "length", "0", "2", "-1", "ios", "SE", "é", "日本", "\ud800", "[object Object]", "a.b", "1,2"),
    *("x" * 23, "x" * 24, "x" * 255, "x" * 256, "٣"),
)
OPERATORS = (
    *("==", "===", "!=", "!==", "<", ">", "<=", ">=", "!", "!!", "in", "+", "-", "*", "/", "%", "min", "max"),
    *("cat", "substr", "merge", "var", "missing", "missing_some", "if", "?:", "and", "or", "log"),
    *("map", "filter", "reduce", "all", "some", "none", "sem_ver", "starts_with", "ends_with", "fractional"),
)
UNKNOWN = ("nonsense", "var.x", "if.x", "a.b", "", ".", "$ref")
PATHS: tuple[Json, ...] = (
    *NAMES,
    *(
        "targetingKey",
        "$flagd.flagKey",
        "$flagd",
        "$flagd.no",
        "$flagd.flagKey.length",
        "device.os",
        "device.os.length",
    ),
    *("tags.0", "tags.01", "tags.-1", "tags.9", "tags.length", "email.0", "", None, 0, 1, 1.0, 1.5, True, "a..b", "."),
    *("accumulator", "current", "current.os", "device.list.1"),
)

VARIANTS: tuple[dict[str, Json], ...] = (
    *({"on": True, "off": False}, {"a": 1, "b": 2.5, "c": 3}, {"on": {"x": [1]}, "off": {}}, {"on": None, "off": "x"}),
    {"true": "yes", "false": "no", "1": "", "": "empty", "on": "on"},
)
OUTCOMES = (
    *(
        "on",
        "off",
        "a",
        "b",
        "true",
        "false",
        "0",
        "1",
        "1.0",
        "nan",
        "[]",
        "[1, 2]",
        "{}",
        "{'a': 1, 'b': 2}",
        "",
        "8",
    ),
    *(f"flag-{number}" for number in range(3)),
)
"""What odd rules often come to."""


class Space:
    """A source of flags and contexts."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - no secret: it has to repeat
        self.variants: dict[str, Json] = {"on": 1}

    def one_of(self, *choices: Callable[[], Json]) -> Json:
        """Return what one of the functions gives."""
        return self.chance.choice(choices)()

    def document(self, size: int) -> dict[str, Json]:
        """Return so many flags, with metadata and shared evaluators."""
        flags = {f"flag-{number}": self.flag() for number in range(size)}
        evaluators = {name: self.ascii_rule(depth=2) for name in ("first", "second", "a.b")}
        return {"flags": flags, "$evaluators": evaluators, "metadata": {"set": "odd", "owner": "all"}}

    def flag(self) -> dict[str, Json]:
        """Return a flag."""
        chance = self.chance
        self.variants = chance.choice(VARIANTS)
        targeting = self.targeting()
        variants = {name: chance.choice(SCALARS) for name in self.variants} if chance.random() < 0.1 else self.variants
        flag: dict[str, Json] = {"state": "DISABLED" if chance.random() < 0.03 else "ENABLED", "variants": variants}
        if chance.random() < 0.95:
            usual, odd = list(variants), [None, "", "nowhere", True, False]
            flag["defaultVariant"] = chance.choice(usual if chance.random() < 0.9 else odd)
        if chance.random() < 0.3:
            flag["metadata"] = chance.choice([None, {}, {"owner": "me", "size": 3}])
        if chance.random() < 0.95:
            flag["targeting"] = targeting
        return flag

    def targeting(self) -> Json:
        """Return a rule as people write it, or one that nobody would, whose values are seen as variants."""
        if self.chance.random() < 0.5:
            return self.realistic()
        if self.chance.random() < 0.1:
            return self.empty()
        self.variants = {name: place for place, name in enumerate(OUTCOMES)}
        return self.rule()

    def empty(self) -> Json:
        """Return a targeting that is no rule."""
        return self.chance.choice([None, {}, [], "", 0, "rule", [1], {"a": 1, "b": 2}])

    def realistic(self) -> Json:
        """Return a rule as people write it: who, then how many of them."""
        who = {"and": [self.condition() for _ in range(self.chance.randint(1, 4))]}
        then = self.one_of(self.fraction, self.fraction, self.variant)
        otherwise = self.one_of(self.variant, self.realistic, lambda: None, lambda: {"$ref": "first"})
        return {"if": [who, then, otherwise]}

    def condition(self) -> Json:
        """Return a condition as people write it."""
        chance = self.chance
        return self.one_of(
            lambda: {chance.choice(["==", "!=", "==="]): [{"var": "client_type"}, chance.choice(CLIENTS)]},
            lambda: {"sem_ver": [{"var": "app_version"}, self.comparison(), chance.choice(VERSIONS)]},
            lambda: {"in": [{"var": chance.choice(["country", "device.os"])}, chance.sample(COUNTRIES, 3)]},
            lambda: {chance.choice(["starts_with", "ends_with"]): [{"var": "email"}, chance.choice(["a", "@x", ""])]},
            lambda: {chance.choice(["<", ">=", "=="]): [{"var": "app_build"}, chance.choice(SCALARS)]},
            lambda: {"<": [1, {"var": "app_build"}, 500]},
            lambda: {"!": {"var": "beta"}},
            lambda: {"or": [self.condition(), self.condition()]},
            lambda: {"$ref": chance.choice(["first", "second", "a.b", "third"])},
            lambda: {"some": [{"var": "tags"}, {"in": [{"var": ""}, ["new", "SE"]]}]},
        )

    def comparison(self) -> Json:
        """Return how versions are compared."""
        return self.chance.choice(["=", "!=", "<", "<=", ">", ">=", "^", "~", "~", "==", None])

    def fraction(self) -> Json:
        """Return shares, mostly sound."""
        chance = self.chance
        parts = [
            [self.variant(), chance.choice([0, 1, 10, 50, 90, 2**30, -1, 0.5, True])][: chance.choice([2, 2, 2, 1])]
            for _ in range(chance.randint(1, 4))
        ]
        unit = self.one_of(
            lambda: {"cat": [{"var": "$flagd.flagKey"}, {"var": chance.choice(["email", "targetingKey"])}]},
            lambda: {"var": chance.choice(PATHS)},
            lambda: chance.choice(SCALARS),
        )
        return {"fractional": [unit, *parts] if chance.random() < 0.5 else parts}

    def variant(self) -> Json:
        """Return what a rule may come to."""
        odd = (True, False, 1, 1.0, None, [1, 2], "", "nowhere")
        return self.chance.choice(list(self.variants) if self.chance.random() < 0.9 else odd)

    def rule(self, depth: int = 4) -> Json:
        """Return an operation that nobody may have written."""
        operator = self.chance.choice(OPERATORS if self.chance.random() < 0.98 else UNKNOWN)
        if operator == "var" and self.chance.random() < 0.8:
            return {"var": self.chance.choice([self.chance.choice(PATHS), [self.chance.choice(PATHS), 7]])}
        operands = [self.logic(depth - 1) for _ in range(self.chance.choice([0, 1, 1, 2, 2, 2, 3, 3, 4]))]
        return {operator: operands[0] if len(operands) == 1 and self.chance.random() < 0.5 else operands}

    def logic(self, depth: int) -> Json:
        """Return an expression of any kind."""
        if depth <= 0:
            return self.one_of(lambda: self.chance.choice(SCALARS), lambda: {"var": self.chance.choice(PATHS)})
        return self.one_of(
            lambda: self.rule(depth),
            lambda: self.rule(depth),
            self.condition,
            self.fraction,
            lambda: [self.logic(depth - 1) for _ in range(self.chance.randint(0, 3))],
            lambda: self.chance.choice([{}, {"a": 1, "b": 2}]),
            lambda: self.chance.choice(SCALARS),
        )

    def ascii_rule(self, depth: int) -> Json:
        """Return a rule that flagd-core can put in for its name: without a backslash in its text."""
        while True:
            rule = self.rule(depth)
            if "\\" not in _text(rule):
                return rule

    def context(self) -> dict[str, Json]:
        """Return the context of a call: mostly what clients send."""
        chance = self.chance
        usual: Sequence[tuple[str, Callable[[], Json]]] = (
            ("targetingKey", lambda: chance.choice([f"user-{chance.random()}", f"{chance.getrandbits(128):032x}"])),
            ("client_type", lambda: chance.choice(CLIENTS)),
            ("app_version", lambda: chance.choice(VERSIONS)),
            ("country", lambda: chance.choice(COUNTRIES)),
            ("app_build", lambda: chance.randint(0, 1_000)),
            ("beta", lambda: chance.random() < 0.5),
            ("tags", lambda: chance.sample(["new", "old", "SE"], chance.randint(0, 3))),
            ("device", lambda: {"os": chance.choice(["SE", 17, None]), "list": [1, "x"]}),
            ("email", lambda: chance.choice(["a@x", "ab@y", "z"])),
        )
        context = {name: make() for name, make in usual if chance.random() < 0.9}
        if chance.random() < 0.4:
            context[chance.choice([*NAMES, "targetingKey", "$flagd", ""])] = self.value(3)
        return context

    def value(self, depth: int) -> Json:
        """Return any value."""
        if depth == 0 or self.chance.random() < 0.6:
            return self.chance.choice([*SCALARS, *VERSIONS])
        if self.chance.random() < 0.5:
            return [self.value(depth - 1) for _ in range(self.chance.randint(0, 3))]
        return {self.chance.choice([*NAMES, "targetingKey", "$flagd"]): self.value(depth - 1) for _ in range(2)}


def _text(value: Json) -> str:
    return json.dumps(value)
