"""How names in Cyrillic, Greek and kana are typed in Latin letters, for the index to hold beside the names themselves.

Letters come from the anyascii library, which knows one letter at a time. What depends on the neighbours, on the
language or on taste is written here, as rules. Each script has two spellings: what passports, road signs and Hepburn's
dictionary say, and what people type in a hurry; what lies between them is one edit from either, the speller's business.
Chinese characters are left alone, since their readings cannot be told from the writing, and so is kana beside them.
"""

# ruff: noqa: RUF001 - characters that look alike are this module's matter

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from anyascii import anyascii

from services.search.domain.words.normalise import fold


def _spelling(*rules: tuple[str, str]) -> Callable[[str], str]:
    """Return one way to write a script: the rules, each over the whole text, then a letter for each that is left."""
    compiled = [(re.compile(pattern), replacement) for pattern, replacement in rules]

    def spelt(text: str) -> str:
        for pattern, replacement in compiled:
            text = pattern.sub(replacement, text)
        return anyascii(text)

    return spelt


_ROMANISED = re.compile("[\u0370-\u052f\u1f00-\u1fffぁ-ヺ\uff66-\uff9d]")
_WITHIN_WORDS = re.compile("[\u0300-\u036f'’ʼ]")
"""Stress marks, and the Ukrainian apostrophe."""

_CYRILLIC_WORD = re.compile("[\u0400-\u052f]+")
_HARD_SIGN_AS_VOWEL = "ъ(?=[бвгджзклмнпрстфхцчшщ])"
_RUSSIAN = _spelling((r"[ыи]й\b", "y"), ("ё", "yo"))
_LANGUAGES = (
    (re.compile("[ђјљњћџ]"), _spelling(("ж", "z"), ("[цчћ]", "c"), ("ш", "s"), ("џ", "dz"), ("х", "h"))),
    (re.compile("[іїєґ]"), _spelling(("г", "h"), (r"ий\b|и", "y"), (r"є\b|\Bє", "ie"), ("є", "ye"))),
    (re.compile(_HARD_SIGN_AS_VOWEL), _spelling((_HARD_SIGN_AS_VOWEL, "a"), ("щ", "sht"))),
)
"""Serbian, Ukrainian and Bulgarian, each known by letters that only it has."""
_HURRIED_CYRILLIC = _spelling(
    (_HARD_SIGN_AS_VOWEL, "a"),
    (r"[ыи]й\b", "i"),
    ("ия", "ia"),
    (r"\bя", "ja"),
    (r"\bю", "ju"),
    ("я", "ia"),
    ("ю", "iu"),
    ("й", "i"),
    ("кс", "x"),
    ("х", "h"),
    ("ц", "c"),
    ("щ", "sch"),
)

_GREEK_WORD = re.compile("[\u0370-\u03ff\u1f00-\u1fff]+")
_VOICED = r"(?=[αεηιουωάέήίόύώβγδζλμνρ])"
_DIPHTHONGS = (("ου", "ou"), (rf"(?<=[αεη])υ{_VOICED}", "v"), (r"(?<=[αεη])υ", "f"))
_GREEK = _spelling(*_DIPHTHONGS, (r"\bμπ", "b"), ("γγ", "ng"), ("γξ", "nx"), ("γχ", "nch"))
_HURRIED_GREEK = _spelling(
    *_DIPHTHONGS,
    ("[εο]ι|υ", "i"),
    ("χ", "h"),
    ("μπ", "b"),
    (r"\bντ", "d"),
    ("γγ|γκ", "g"),
)
_ACCENTS_OF_SECOND_VOWELS = re.compile("(?<=[ιυ])[\u0300\u0301\u0313\u0314\u0342]+")

_SMALL_KANA = "ゃゅょぁぃぅぇぉゎ"
_KANA_BEFORE_SMALL = {"う": "w", "い": "y", "く": "kw", "ぐ": "gw"}
_JAPANESE_RUN = re.compile("[ぁ-ゖァ-ヺー\u3005-\u3007\u3400-\u9fff]+")
_HAN = re.compile("[\u3005-\u3007\u3400-\u9fff]")
_BETWEEN_KANA = re.compile(
    "(?:(?<=[ァ-ヺ])|(?<=[ァ-ヺ]ー))(?=[ぁ-ゖ])|(?<=[ァ-ヺ]の)|(?<=[ァ-ヺ]ーの)|(?<=[ぁ-ゖ])(?=[ァ-ヺ])"
)
_MORA = re.compile(f"(っ?)((?!っ)[ぁ-ゖ])([{_SMALL_KANA}]?)|ー|っ")
_LONG_VOWEL = re.compile(r"([aiueo])\1|(?<=o)u")
_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


def latin(text: str) -> str | None:
    """Return the words of the text that are written in these scripts as people type them in Latin letters, folded.

    Both spellings of a word are among them. None where there is no such word, as in most texts.
    """
    if text.isascii() or not _ROMANISED.search(text):
        return None
    composed = _WITHIN_WORDS.sub("", unicodedata.normalize("NFKC", text).casefold())
    spelt = [spelling for script in _SCRIPTS for spelling in script(composed)]
    return " ".join(dict.fromkeys(fold(" ".join(spelt)).split())) or None


def _cyrillic(text: str) -> Iterator[str]:
    words = " ".join(_CYRILLIC_WORD.findall(text))
    yield next((spelling for letter, spelling in _LANGUAGES if letter.search(words)), _RUSSIAN)(words)
    yield _HURRIED_CYRILLIC(words)


def _greek(text: str) -> Iterator[str]:
    """Spell Greek. The accent of a diphthong stands on its second vowel; one on the first parts the two."""
    words = unicodedata.normalize("NFD", " ".join(_GREEK_WORD.findall(text)))
    words = unicodedata.normalize("NFC", _ACCENTS_OF_SECOND_VOWELS.sub("", words))
    yield _GREEK(words)
    yield _HURRIED_GREEK(words)


def _kana(text: str) -> Iterator[str]:
    runs = [run for run in _JAPANESE_RUN.findall(text) if not _HAN.search(run)]
    words = _BETWEEN_KANA.sub(" ", " ".join(runs)).translate(_HIRAGANA)
    long = anyascii(_MORA.sub(_mora, words))
    yield long
    yield _LONG_VOWEL.sub(r"\1", long)


def _mora(match: re.Match[str]) -> str:
    """Return one beat of Japanese in Hepburn's letters: しゃ is sha, っか is kka, ー only makes longer."""
    doubling, kana, small = match.groups(default="")
    sound = _blend(kana, small) if small else anyascii(kana)
    if not doubling or sound[:1] in "aiueo":
        return sound
    return ("t" if sound.startswith("ch") else sound[0]) + sound


def _blend(kana: str, small: str) -> str:
    consonant = _KANA_BEFORE_SMALL.get(kana, anyascii(kana)[:-1])
    glide = "y" if small in "ゃゅょ" and consonant not in {"sh", "ch", "j"} else ""
    return consonant + glide + anyascii(small)[-1]


_SCRIPTS: tuple[Callable[[str], Iterable[str]], ...] = (_cyrillic, _greek, _kana)
