"""The first room: what people type, and what titles say, becomes the same plain words.

`fold` makes two spellings of one word equal. `query_tokens` and `index_tokens` cut folded text into what a query asks
the index for and what the index holds; every token of a text's query is among the tokens of that text's index.
"""

# ruff: noqa: RUF001 - characters that look alike are this module's matter

import re
import unicodedata

MAX_QUERY_CHARS = 200
MAX_QUERY_TOKENS = 16

_APOSTROPHES = "'`´’‘‛ʼʻ′׳״"
_LETTERS = {
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ħ": "h",
    "ŧ": "t",
    "ŋ": "n",
    "ĸ": "k",
    "ə": "e",
    "ɓ": "b",
    "ɗ": "d",
    "ƙ": "k",
    "ƴ": "y",
    "ـ": "",  # Arabic tatweel only stretches a word
}
_SPECIAL = {**_LETTERS, **dict.fromkeys(_APOSTROPHES, ""), "&": " and "}

# Without its voicing mark a kana is another kana, so these two are kept where other accents go.
_KANA_VOICING = "\u3099\u309a"
_LAST_OF_BASIC_PLANE = 0xFFFF
_DOLLAR_AS_S = re.compile(r"(?<=[^\W\d_])\$+|\$+(?=[^\W\d_])")

# Scripts written without spaces: Thai to Lao, Myanmar, Khmer, then Japanese and Chinese.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u312f\u31a0-\u31ff\u3400-\u9fff\U00020000-\U0003ffff"
)
_PIECE = re.compile(f"([{_UNSPACED}]+)|([^ {_UNSPACED}]+)")


def fold(text: str) -> str:
    """Return the text's words in one spelling with single spaces between; empty where it has no letter or digit.

    Compatible forms, cases, accents and special letters are one (Unicode NFKD, case folding), apostrophes are gone,
    "&" is "and", "A$AP" is "asap". A Korean syllable is spelt out letter by letter, so that what a keyboard shows while
    it is being typed is a prefix of it. Folding twice changes nothing.
    """
    if "$" in text:
        text = _DOLLAR_AS_S.sub(lambda dollars: "s" * len(dollars[0]), text)
    if text.isascii():
        return " ".join(text.lower().translate(_CHARACTERS).split())
    decomposed = unicodedata.normalize("NFKD", text.replace("´", "'"))  # decomposed, it would begin with a space
    return " ".join(decomposed.casefold().translate(_CHARACTERS).split())


def query_tokens(folded: str) -> tuple[str, ...]:
    """Return what to ask the index for, at most 16: words, and pairs of characters where no spaces are written."""
    return tuple(_tokens(folded, singles=False)[:MAX_QUERY_TOKENS])


def index_tokens(folded: str) -> list[str]:
    """Return what the index holds of a text: as for a query and also each single character of unspaced scripts."""
    return _tokens(folded, singles=True)


def _tokens(folded: str, *, singles: bool) -> list[str]:
    if folded.isascii():
        return folded.split()
    tokens: list[str] = []
    for run, word in _PIECE.findall(folded):
        if word:
            tokens.append(word)
        else:
            tokens += _pairs(unicodedata.normalize("NFC", run), singles=singles)
    return tokens


def _pairs(run: str, *, singles: bool) -> list[str]:
    pairs = [run[start : start + 2] for start in range(len(run) - 1)]
    return [*pairs, *run] if singles or not pairs else pairs


def _folded(char: str) -> str:
    """Return what one character of decomposed, case-folded text becomes: itself, nothing, a space or other letters."""
    if char in _SPECIAL:
        return _SPECIAL[char]
    category = unicodedata.category(char)
    if "\u11a8" <= char <= "\u11c2":
        return _as_initials(char)
    if category[0] == "L":
        return char
    if category[0] == "N":
        return str(unicodedata.decimal(char, char))
    if category[0] == "M":
        return char if _is_vowel_sign(char) or char in _KANA_VOICING else ""
    return "" if category == "Cf" else " "  # Cf: joiners and writing directions, invisible within a word


def _as_initials(final: str) -> str:
    """Return a Korean syllable's final consonants as initial ones: while it is typed, one may become the other."""
    consonants = unicodedata.name(final).removeprefix("HANGUL JONGSEONG ").split("-")
    return "".join(unicodedata.lookup(f"HANGUL CHOSEONG {consonant}") for consonant in consonants)


def _is_vowel_sign(char: str) -> bool:
    """Tell the marks that are letters of their script, such as Hindi vowels, from accents and variation selectors."""
    return "\u0900" <= char < "\u1cd0" and unicodedata.combining(char) == 0


class _Characters(dict[int, str]):
    """The table for str.translate, filled as characters are met; only the basic plane's are kept, to stay small."""

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        if code <= _LAST_OF_BASIC_PLANE:
            self[code] = folded
        return folded


_CHARACTERS = _Characters()
