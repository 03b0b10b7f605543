"""Query parameters of the hot routes: one table row says how a parameter is read and how it is documented."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import unquote

from services.kit.errors import Invalid
from services.kit.http.asgi import Scope

T = TypeVar("T")
Given: TypeAlias = Mapping[str, str]

MAX_FIELDS = 32
_WHOLE = re.compile("[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Parameter(Generic[T]):
    """One parameter. `read` turns its text into a value and raises ValueError with what was expected."""

    name: str
    default: T
    read: Callable[[str], T]
    schema: Mapping[str, Any]
    description: str
    example: object = None
    """What to try it with; None where the default is the best to begin with."""

    def of(self, given: Given, otherwise: T | None = None) -> T:
        """Return the value given, else this one or the default. Raises Invalid where what is given cannot be used."""
        text = given.get(self.name)
        if text is None:
            return self.default if otherwise is None else otherwise
        try:
            return self.read(text)
        except ValueError as fault:
            raise Invalid(f"{self.name} has to be {fault}.", field=self.name) from None

    def documented(self) -> dict[str, Any]:
        """Return the parameter as OpenAPI has it."""
        return {
            "name": self.name,
            "in": "query",
            "required": False,
            "description": self.description,
            "schema": dict(self.schema),
            **({"example": self.example} if self.example is not None else {}),
            **({"style": "form", "explode": False} if self.schema["type"] == "array" else {}),
        }


def given(scope: Scope) -> Given:
    """Return the parameters of a request. Raises Invalid for more than anyone needs, and for one given twice."""
    text = scope["query_string"].decode("latin-1").replace("+", " ")
    parts = [part.partition("=") for part in text.split("&") if part]
    if len(parts) > MAX_FIELDS:
        raise Invalid(f"At most {MAX_FIELDS} parameters are read.")
    if "%" in text:
        parts = [(unquote(name), "=", unquote(value)) for name, _, value in parts]
    values = {name: value for name, _, value in parts}
    if len(values) < len(parts):
        names = [name for name, *_ in parts]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid(f"{twice} may be given once only.", field=twice)
    return values


def by_client(parameter: Parameter[T]) -> Parameter[T]:
    """Describe a parameter whose default depends on who asks, so that the documentation promises none."""
    schema = {key: value for key, value in parameter.schema.items() if key != "default"}
    depends = "Unless given, it depends on who asks; GET /v1/me/context says how."
    return replace(parameter, schema=schema, description=f"{parameter.description} {depends}")


def text(name: str, at_most: int, description: str, example: str | None = None) -> Parameter[str]:
    """Describe a text of bounded length."""

    def read(value: str) -> str:
        if len(value) > at_most:
            raise ValueError(f"at most {at_most} characters long")
        return value

    return Parameter(name, "", read, {"type": "string", "maxLength": at_most, "default": ""}, description, example)


def whole(name: str, default: int, at_most: int, description: str) -> Parameter[int]:
    """Describe a whole number from 1."""

    def read(value: str) -> int:
        if not _WHOLE.fullmatch(value) or not 1 <= int(value) <= at_most:
            raise ValueError(f"a whole number from 1 to {at_most}")
        return int(value)

    schema = {"type": "integer", "minimum": 1, "maximum": at_most, "default": default}
    return Parameter(name, default, read, schema, description)


def flag(name: str, description: str, *, default: bool) -> Parameter[bool]:
    """Describe a yes or no."""
    words = {"true": True, "1": True, "false": False, "0": False}

    def read(value: str) -> bool:
        if value not in words:
            raise ValueError("true or false")
        return words[value]

    return Parameter(name, default, read, {"type": "boolean", "default": default}, description)


def pattern(name: str, expression: str, expected: str, description: str) -> Parameter[str]:
    """Describe a text of a certain form."""

    def read(value: str) -> str:
        if value and not re.fullmatch(expression, value):
            raise ValueError(expected)
        return value

    return Parameter(name, "", read, {"type": "string", "pattern": f"^({expression})?$"}, description)


def choices(name: str, values: Mapping[str, T], description: str) -> Parameter[tuple[T, ...]]:
    """Describe a list, separated by commas, of some of the values."""

    def read(value: str) -> tuple[T, ...]:
        chosen = value.split(",")
        if not set(chosen) <= values.keys():
            raise ValueError(f"a list of {', '.join(values)}")
        return tuple(values[choice] for choice in chosen)

    schema = {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(values)}}
    return Parameter(name, (), read, schema, description)
