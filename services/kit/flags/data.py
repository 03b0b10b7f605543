"""What a rule reads of its data: the context of a call, or within `map` and its kin the item at hand."""

from collections.abc import Callable
from typing import TypeAlias

from services.kit.flags.values import Json, number, text

Run: TypeAlias = Callable[[Json], Json]
"""An expression, compiled: from data to its value."""

Step: TypeAlias = tuple[str, int | None]
"""A part of a path: as a name, and as a place in a list where it is one."""


def steps(path: str) -> tuple[Step, ...]:
    """Return the parts of a dotted path."""
    return tuple((part, _place(part)) for part in path.split("."))


def walked(data: Json, path: tuple[Step, ...], default: Json) -> Json:
    """Return what is at the end of the path, or the default where there is nothing or null."""
    for name, place in path:
        if isinstance(data, dict):
            data = data.get(name)
        elif isinstance(data, list | str):
            if name == "length":
                return len(data)
            if place is None or place >= len(data):
                return default
            data = data[place]
        else:
            return default
    return default if data is None else data


def looked_up(data: Json, key: Json = None, default: Json = None) -> Json:
    """Return what `var` reads: everything by null or "", an item by its place, else what is at the end of a path."""
    if key is None or key == "":
        return data
    if isinstance(key, int | float):
        return _item(data, key, default)
    return walked(data, steps(text(key)), default)


def missing(data: Json, *keys: Json) -> list[Json]:
    """Return those of the keys, given one by one or as one list, under which there is nothing or an empty text."""
    wanted = keys[0] if keys and isinstance(keys[0], list) else keys
    return [key for key in wanted if looked_up(data, key) in (None, "")]


def missing_some(data: Json, least: Json = None, keys: Json = None) -> list[Json]:
    """Return the keys that are missing where fewer than so many are there, else none."""
    if not isinstance(keys, list):
        return []
    absent = missing(data, keys)
    return [] if len(keys) - len(absent) >= number(least) else absent


def _item(data: Json, place: float, default: Json) -> Json:
    # The names of an object are texts, so a number is the name of nothing.
    if not isinstance(data, list | str):
        return default
    try:
        index = int(place)
    except ValueError:  # not a number
        return default
    return data[index] if index == place and 0 <= index < len(data) else default


def _place(part: str) -> int | None:
    """Return a part of a path as a place: digits as a program writes them."""
    try:
        place = int(part)
    except ValueError:
        return None
    return place if place >= 0 and part == str(place) else None
