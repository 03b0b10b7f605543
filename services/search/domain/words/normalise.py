"""Folding and tokens: where two spellings of one word become one.

`fold` makes two spellings of one word equal. `query_tokens` and `index_tokens` cut folded text into what a query asks
the index for and what the index holds; every token of a text's query is among the tokens of that text's index.
"""

# ruff: noqa: RUF001 - characters that look alike are this module's matter

import re
import unicodedata

MAX_QUERY_CHARS = 200
MAX_QUERY_TOKENS = 16
MAX_INDEX_TOKENS = 2_000
"""Of one text: more than any item has that a person wrote, and little enough that a hostile one costs nothing."""

_APOSTROPHES = "'`´’‘‛′ʹʻʼʽʾʿꞌ׳״"
_LETTERS = {
    "æ": "ae",
    "œ": "oe",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ȷ": "j",
    "ŋ": "n",
    "ĸ": "k",
    "ə": "e",
    "ɛ": "e",
    "ɔ": "o",
    "ʉ": "u",
    "ґ": "г",
    # Arabic and Persian keyboards have different letters for one sound, and few type the dots of the last.
    "ک": "ك",
    "ی": "ي",
    "ى": "ي",
    "ٱ": "ا",
    "ة": "ه",
    "ـ": "",  # only stretches a word
}
_SPECIAL = {**_LETTERS, **dict.fromkeys(_APOSTROPHES, ""), "&": " and "}
_WITH_STROKE = re.compile(r"LATIN SMALL LETTER (\w) WITH ")

# Without its voicing mark a kana is another kana, so these two are kept where other accents go.
KANA_VOICING = "\u3099\u309a"
_KATAKANA_FROM_HIRAGANA = ord("ァ") - ord("ぁ")
_LAST_OF_BASIC_PLANE = 0xFFFF

# Each is replaced by as many characters as it has, so that a place in the text stays that place.
_LETTER = r"[^\W\d_]"
_STYLED = re.compile(
    rf"""(?P<s>(?<={_LETTER})\$++|(?<!\$)\$++(?={_LETTER}))             # A$AP
    |(?P<a>(?<={_LETTER})@(?={_LETTER}))                                # M@RS
    |(?P<i>(?<={_LETTER})!(?={_LETTER}))                                # P!NK
    |(?P<and>(?<=\ )\+(?=\ ))                                           # Sound + Vision
    |(?P<joined>(?<=\b{_LETTER})\.(?='?{_LETTER}(?!{_LETTER})))         # R.E.M., but not J.Cole
    """,
    re.VERBOSE,
)
_STYLED_AS = {"s": "s", "a": "a", "i": "i", "and": "&", "joined": "'"}
_MAYBE_STYLED = re.compile(r"[$@!+]|\.['\w]")

_SYLLABLE = re.compile("([\u1100-\u1112][\u1161-\u1175])([\u1100-\u1112]{1,2})(?![\u1161-\u1175])")

# Scripts written without spaces: Thai to Lao, Myanmar, Khmer, then Japanese and Chinese.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u312f\u31a0-\u31ff\u3400-\u9fff\U00020000-\U0003ffff"
)
_PIECE = re.compile(f"([{UNSPACED}]+)|([^ {UNSPACED}]+)")


def fold(text: str) -> str:
    """Return the text's words in one spelling with single spaces between; empty where it has no letter or digit.

    Compatible forms, cases, accents, special letters and the two kinds of kana are one (Unicode NFKD, case folding),
    apostrophes are gone, "&" is "and", "A$AP" is "asap", "R.E.M." is "rem". A Korean syllable is spelt out letter by
    letter, so that what a keyboard shows while it is being typed is a prefix of it. Folding twice changes nothing.
    """
    return " ".join(unstyled(text).translate(FOLDED).split())


def composed(folded: str) -> str:
    """Return folded words as they are written: Korean in syllables, voicing marks and vowels with their letters."""
    return unicodedata.normalize("NFC", _SYLLABLE.sub(_with_final, folded))


def unstyled(text: str) -> str:
    """Return the text with signs that stand for letters replaced by these; each character keeps its place."""
    return _STYLED.sub(_unstyled, text) if _MAYBE_STYLED.search(text) else text


def parted(folded: str) -> str:
    """Return folded text with spaces also where scripts with and without them meet."""
    return folded if folded.isascii() else " ".join(run or word for run, word in _PIECE.findall(folded))


def query_tokens(folded: str) -> tuple[str, ...]:
    """Return what to ask the index for, at most 16: words, and pairs of characters where no spaces are written."""
    return tuple(_tokens(folded, singles=False)[:MAX_QUERY_TOKENS])


def index_tokens(folded: str) -> list[str]:
    """Return what the index holds of a text: as for a query and also each single character of unspaced scripts."""
    return _tokens(folded, singles=True)[:MAX_INDEX_TOKENS]


def _unstyled(match: re.Match[str]) -> str:
    return _STYLED_AS[match.lastgroup or ""] * len(match[0])


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
    """Return what one character becomes: other letters, a space or nothing."""
    if char in _SPECIAL:  # decomposed, some apostrophes would begin with a space
        return _SPECIAL[char]
    return "".join(map(_plain, unicodedata.normalize("NFKD", char).casefold()))


def _plain(char: str) -> str:
    """Return what one character becomes that is decomposed and case-folded already."""
    if char in _SPECIAL:
        return _SPECIAL[char]
    category = unicodedata.category(char)
    if category[0] == "L":
        return _plain_letter(char)
    if category[0] == "N":
        return str(unicodedata.decimal(char, char))
    if category[0] == "M":
        return char if _is_vowel_sign(char) or char in KANA_VOICING else ""
    return "" if category == "Cf" else " "  # Cf: joiners and writing directions, invisible within a word


def _plain_letter(char: str) -> str:
    if "\u11a8" <= char <= "\u11c2":
        return _as_initials(char)
    if "ァ" <= char <= "ヶ":
        return chr(ord(char) - _KATAKANA_FROM_HIRAGANA)
    stroke = _WITH_STROKE.match(unicodedata.name(char, ""))
    return stroke[1].lower() if stroke else char


def _as_initials(final: str) -> str:
    """Return a Korean syllable's final consonants as initial ones: while it is typed, one may become the other."""
    consonants = unicodedata.name(final).removeprefix("HANGUL JONGSEONG ").split("-")
    return "".join(unicodedata.lookup(f"HANGUL CHOSEONG {consonant}") for consonant in consonants)


def _with_final(match: re.Match[str]) -> str:
    """Return a Korean syllable with the consonants that stand before no vowel as its final one."""
    beginning, consonants = match.groups()
    names = [unicodedata.name(consonant).removeprefix("HANGUL CHOSEONG ") for consonant in consonants]
    try:
        return str(beginning + unicodedata.lookup(f"HANGUL JONGSEONG {'-'.join(names)}"))
    except KeyError:  # no syllable ends so: it was not typed to its end
        return match[0]


def _is_vowel_sign(char: str) -> bool:
    """Tell the marks that are letters of their script, such as Hindi vowels, from accents and variation selectors."""
    return "\u0900" <= char < "\u1cd0" and unicodedata.combining(char) == 0


class _Folded(dict[int, str]):
    """From a character to what it becomes, filled as characters are met; only the basic plane's are kept."""

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        if code <= _LAST_OF_BASIC_PLANE:
            self[code] = folded
        return folded


FOLDED = _Folded()
"""The table of `fold` for str.translate: a character has one meaning wherever it stands."""
