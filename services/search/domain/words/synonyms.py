"""Words that are written in two ways: numbers, and the few abbreviations that titles and names are full of.

They are alternatives to ask for beside the word itself, so the index holds nothing for them.
"""

from collections.abc import Mapping
from types import MappingProxyType

# Roman numerals come without the single letters, which are more often just letters.
_GROUPS = """
    0 zero, 1 one, 2 two ii, 3 three iii, 4 four iv, 5 five, 6 six vi, 7 seven vii, 8 eight viii, 9 nine ix, 10 ten,
    11 eleven xi, 12 twelve xii, 13 thirteen xiii, 14 fourteen xiv, 15 fifteen xv, 16 sixteen xvi, 17 seventeen xvii,
    18 eighteen xviii, 19 nineteen xix, 20 twenty xx, 30 thirty, 40 forty, 50 fifty, 60 sixty, 70 seventy, 80 eighty,
    90 ninety, 100 hundred,
    1st first, 2nd second, 3rd third, 4th fourth, 5th fifth, 6th sixth, 7th seventh, 8th eighth, 9th ninth, 10th tenth,
    11th eleventh, 12th twelfth, 13th thirteenth, 14th fourteenth, 15th fifteenth, 16th sixteenth, 17th seventeenth,
    18th eighteenth, 19th nineteenth, 20th twentieth,
    and n, because cause cuz, doctor dr, featuring feat ft, junior jr, love luv, mister mr, mount mt, night nite,
    okay ok, part pt, saint st, through thru, tonight tonite, until til till, versus vs, volume vol, you u
"""


def _others(group: list[str]) -> dict[str, tuple[str, ...]]:
    return {word: tuple(other for other in group if other != word) for word in group}


SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {word: others for group in _GROUPS.split(",") for word, others in _others(group.split()).items()}
)
"""From a folded token to the other ways to write it, one or two. Tokens without any are not in it."""
