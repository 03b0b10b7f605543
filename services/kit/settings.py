"""Settings: frozen dataclasses whose fields know their unit, default and reason, read from the environment.

    @dataclass(frozen=True, slots=True)
    class SearchSettings:
        limit_s: float = setting(0.3, "How long a call may take.", at_least=0.01)

`read(SearchSettings, "BACKLINE_SEARCH", os.environ)` then takes `BACKLINE_SEARCH_LIMIT_S`. A field may itself be such
a class; its fields get the field's name as a further prefix. All faults are reported at once.

Written by hand: the well-known reader costs 13 MiB in every process, more than everything else in this package.
"""

import dataclasses
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from math import isinf
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

from services.kit.errors import Invalid

T = TypeVar("T")


class Secret(str):
    """A text that is never printed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def setting(default: T, why: str, *, at_least: float | None = None, at_most: float | None = None) -> T:
    """Declare a field: its default, what it is for and why so, and its bounds (inclusive)."""
    return dataclasses.field(default=default, metadata={"why": why, "at_least": at_least, "at_most": at_most})


def group(of: type[T]) -> T:
    """Declare a field that is itself a settings class with all its defaults."""
    return dataclasses.field(default_factory=of)


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable of a settings class."""

    name: str
    type: type
    default: object
    why: str
    at_least: float | None
    at_most: float | None


def variables(of: type, prefix: str) -> Iterator[Variable]:
    """Yield every variable that the settings class reads under the prefix."""
    hints = get_type_hints(of)
    for field in dataclasses.fields(of):
        name, kind = f"{prefix}_{field.name.upper()}", hints[field.name]
        if dataclasses.is_dataclass(kind):
            yield from variables(cast("type", kind), name)
        else:
            bounds = field.metadata
            yield Variable(name, kind, field.default, bounds["why"], bounds["at_least"], bounds["at_most"])


def environment() -> Mapping[str, str]:
    """Return the process's environment: the one place where it is read."""
    return os.environ


def read(of: type[T], prefix: str, environ: Mapping[str, str]) -> T:
    """Return the settings that the environment asks for; errors as in `read_all`."""
    (settings,) = read_all([(of, prefix)], environ)
    return cast("T", settings)


def read_all(wanted: Iterable[tuple[type, str]], environ: Mapping[str, str]) -> list[object]:
    """Return the settings of each class under its prefix.

    Raises Invalid with one line for each fault in any of them: the variable, its value and what was expected. A
    variable under a prefix that no field reads is a fault too, since it is most often a misspelt one.
    """
    parts = [(of, prefix, *_values(of, prefix, environ)) for of, prefix in wanted]
    faults = [fault for *_, found in parts for fault in found]
    if faults:
        raise Invalid("\n".join(["These settings cannot be used:", *faults]))
    return [_build(of, prefix, values) for of, prefix, values, _ in parts]


def _values(of: type, prefix: str, environ: Mapping[str, str]) -> tuple[dict[str, object], list[str]]:
    """Return what the environment sets, by variable, and what is wrong with it."""
    known = {variable.name: variable for variable in variables(of, prefix)}
    faults = [_unknown(name, known) for name in environ if name.startswith(f"{prefix}_") and name not in known]
    values: dict[str, object] = {}
    for name, variable in known.items():
        if name in environ:
            try:
                values[name] = _value(variable, environ[name])
            except ValueError as fault:
                shown = "***" if variable.type is Secret else repr(environ[name])
                faults.append(f"{name}={shown}: {fault}")
    return values, faults


def _unknown(name: str, known: Mapping[str, Variable]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"{name}: there is no such setting" + (f"; did you mean {near[0]}?" if near else "")


def _build(of: type[T], prefix: str, values: Mapping[str, object]) -> T:
    hints = get_type_hints(of)
    given: dict[str, object] = {}
    for field in dataclasses.fields(cast("Any", of)):
        name, kind = f"{prefix}_{field.name.upper()}", hints[field.name]
        if dataclasses.is_dataclass(kind):
            given[field.name] = _build(cast("type", kind), name, values)
        elif name in values:
            given[field.name] = values[name]
    return of(**given)


def _boolean(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
    if text.lower() not in words:
        raise ValueError("expected true or false")
    return words[text.lower()]


def _number(kind: type, text: str) -> object:
    try:
        return kind(text)
    except ValueError:
        expected = "a whole number" if kind is int else "a number"
        raise ValueError(f"expected {expected}") from None


def _value(variable: Variable, text: str) -> object:
    kind = variable.type
    if kind is bool:
        return _boolean(text)
    if kind in (int, float):
        return _bounded(variable, cast("float", _number(kind, text)))
    if issubclass(kind, StrEnum):
        if text not in list(kind):
            raise ValueError(f"expected one of {', '.join(kind)}")
        return kind(text)
    if issubclass(kind, Path):
        return Path(text).expanduser()
    return Secret(text) if kind is Secret else text


def _bounded(variable: Variable, number: float) -> float:
    low, high = variable.at_least, variable.at_most
    if isinf(number):
        raise ValueError("expected a finite number")
    if (low is not None and not number >= low) or (high is not None and not number <= high):
        bounds = [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
        raise ValueError(f"expected {' and '.join(bounds)}")
    return number


def shown(settings: Any) -> dict[str, object]:  # noqa: ANN401 - any settings class
    """Return the settings as plain values for a log line or a page, secrets masked."""
    plain: dict[str, object] = {}
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if dataclasses.is_dataclass(value):
            plain[field.name] = shown(value)
        else:
            plain[field.name] = "***" if isinstance(value, Secret) and value else _plain(value)
    return plain


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
