"""Words that are typed as one or as several: "Jay-Zee" as "jayzee", "L'amour" as "amour", "R.E.D." as "r e d".

The index holds the other form beside the one that folding gives.
"""

# ruff: noqa: RUF001 - hyphens and apostrophes that look alike are what people type

import re

from services.search.domain.words.normalise import fold, unstyled

_WITHIN_WORD = re.compile(r"[-‐‑/.'’](?<=\w.)(?=\w)")
_HYPHENATED = re.compile(r"(?<![\w'’])[\w'’]++(?:[-‐‑][\w'’]++)+|\b\w{1,3}/\w{1,3}\b")
_HYPHENS = re.compile("[-‐‑/]")
_ELIDED = re.compile(r"\b(?:[cdjlmnost]|qu)['’]\w{2,}", re.IGNORECASE)
_INITIALS = re.compile(r"\b[^\W\d_](?:'[^\W\d_])+\b")
_APOSTROPHES = re.compile("['’]")


def compounds(text: str) -> str | None:
    """Return the other forms of the compound words in a text, folded; None where there is none, as in most texts."""
    if not _WITHIN_WORD.search(text):
        return None
    text = unstyled(text)
    joined = [_HYPHENS.sub("", word) for word in _HYPHENATED.findall(text)]
    apart = [_APOSTROPHES.sub(" ", word) for form in (_ELIDED, _INITIALS) for word in form.findall(text)]
    return fold(" ".join(joined + apart)) or None
