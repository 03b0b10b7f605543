"""Which letters a text is written in, and how people write it who have none but a to z."""

import re
import tomllib
import unicodedata
from pathlib import Path

_MARKS = dict.fromkeys(range(0x300, 0x370))
_KATAKANA_AHEAD = ord("ア") - ord("あ")


def _letters(*scripts: str) -> dict[str, str]:
    tables = tomllib.loads(Path(__file__).with_name("letters.toml").read_text("utf-8"))
    pairs = (pair.partition("=") for script in scripts for pair in tables[script].split())
    return {letter: typed for letter, _, typed in pairs}


_SPECIAL = str.maketrans(_letters("latin"))
_IN_LATIN = {" ": " ", **_letters("cyrillic", "greek", "kana")}
_LETTER = re.compile("|".join(sorted(_IN_LATIN, key=len, reverse=True)))
_TEXT = re.compile(f"(?:{_LETTER.pattern})+")


def unmarked(text: str) -> str:
    """Return the text without the marks of Latin, Greek and Cyrillic letters; voiced kana stay voiced."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", decomposed.translate(_MARKS))


def ascii_typed(text: str) -> str:
    """Return the text in small letters as it is typed on a keyboard that has no other Latin letters than a to z."""
    return unmarked(text.lower()).translate(_SPECIAL)


def latin_typed(text: str) -> str | None:
    """Return a Cyrillic, Greek or kana text as it is typed in Latin letters; None where it is not all in these."""
    letters = "".join(letter if letter in _IN_LATIN else _plainer(letter) for letter in text.lower())
    return _LETTER.sub(lambda letter: _IN_LATIN[letter[0]], letters) if _TEXT.fullmatch(letters) else None


def is_latin(text: str) -> bool:
    """Return whether it has letters, and all of them are Latin."""
    return _scripts(text) == {True}


def is_foreign(text: str) -> bool:
    """Return whether it has letters, and none of them is Latin."""
    return _scripts(text) == {False}


def _scripts(text: str) -> set[bool]:
    return {"LATIN" in unicodedata.name(letter, "") for letter in text if letter.isalpha()}


def _plainer(letter: str) -> str:
    """Return the letter without its mark, a katakana one as hiragana."""
    return chr(ord(letter) - _KATAKANA_AHEAD) if "ァ" <= letter <= "ヶ" else unmarked(letter)
