"""The languages of generated music, read from languages.toml."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

Template: TypeAlias = Sequence[Sequence[str]]
"""Parts of a text in order: from each, one is drawn."""

_PLACEHOLDER = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Language:
    """What music in a language is called."""

    code: str
    share: int
    """Labels of the language in a hundred."""
    markets: tuple[str, ...]
    titles: tuple[Template, ...]
    artists: tuple[Template, ...]
    syllables: Template
    latin: Template
    """The syllables in Latin letters; empty where they are already."""


@cache
def languages() -> tuple[Language, ...]:
    """Return all languages."""
    text = files(__package__).joinpath("languages.toml").read_text(encoding="utf-8")
    return tuple(_language(entry) for entry in tomllib.loads(text)["language"])


def _language(entry: Mapping[str, Any]) -> Language:
    lists = {**{name: [words] for name, words in entry["words"].items()}, "name": entry["syllables"]}
    return Language(
        code=entry["code"],
        share=entry["share"],
        markets=tuple(entry["markets"]),
        titles=tuple(_template(text, lists) for text in entry["titles"]),
        artists=tuple(_template(text, lists) for text in entry["artists"]),
        syllables=entry["syllables"],
        latin=entry.get("latin", ()),
    )


def _template(text: str, lists: Mapping[str, Template]) -> Template:
    parts: list[Sequence[str]] = []
    for place, piece in enumerate(_PLACEHOLDER.split(text)):
        if place % 2:
            parts += lists[piece]
        elif piece:
            parts.append((piece,))
    return tuple(parts)
