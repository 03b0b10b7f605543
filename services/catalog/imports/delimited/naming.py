"""How the items of a table are named: by keys of their own, else by what is known of them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from services.catalog.domain.items import MAX_TEXT_CHARS
from services.catalog.imports.delimited.cells import Unusable

MAX_KEY_CHARS = 150
_KEY = re.compile(r"[A-Za-z0-9._-][A-Za-z0-9._~-]*")
_MADE = "~"
"""Begins a key that was made here, and no other."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How items are named: what ids begin with, and what stands between several artists in a cell, if anything."""

    source: str = "csv"
    separator: str = ""

    def names(self, text: str) -> Sequence[str]:
        """Return the names in the cell, each once."""
        if not self.separator or self.separator not in text:
            names = [text] if text else []
        else:
            names = list(dict.fromkeys(filter(None, map(str.strip, text.split(self.separator)))))
        # Here already, since names are kept in memory until the whole table is read.
        if len(text) > MAX_TEXT_CHARS and max(map(len, names)) > MAX_TEXT_CHARS:
            raise Unusable(f"A name in it is longer than {MAX_TEXT_CHARS} characters")
        return names

    def given(self, key: str) -> str:
        """Return the id of an item that has a key of its own; one that no id can hold is hashed."""
        if not key.isprintable():
            raise Unusable("An id in it holds a character that cannot be shown")
        fits = _KEY.fullmatch(key) and len(key) <= MAX_KEY_CHARS
        return f"{self.source}:{key if fits else _MADE + _digest(key)}"

    def known(self, by: str, *names: str) -> str:
        """Return what `made` does, of artists and albums, which many rows name."""
        # What is longer is refused in a moment, and not worth the room.
        short = all(len(name) <= MAX_TEXT_CHARS for name in (by, *names))
        return _known(self, by, *names) if short else self.made(by, *names)

    def made(self, by: str, *names: str) -> str:
        """Return the id of an item that is known by these names alone, whatever their case and spacing.

        It begins with who it is by, so that what belongs together lies together in a store.
        """
        key = _digest_of(by) if len(by) <= MAX_TEXT_CHARS else _digest(folded(by))
        return f"{self.source}:{_MADE}{key[:8] + _digest(key, *map(folded, names))[8:] if names else key}"


def folded(name: str) -> str:
    """Return the name in one spelling: compatible forms, cases and blanks are one."""
    plain = name.lower() if name.isascii() else unicodedata.normalize("NFKC", name).casefold()
    return " ".join(plain.split())


@lru_cache(maxsize=16_384)
def _known(naming: Naming, by: str, *names: str) -> str:
    return naming.made(by, *names)


@lru_cache(maxsize=16_384)
def _digest_of(name: str) -> str:
    return _digest(folded(name))


def _digest(*names: str) -> str:
    return blake2b("\0".join(names).encode(errors="surrogatepass"), digest_size=12).hexdigest()
