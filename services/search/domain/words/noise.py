"""What clings to a title pasted from a video site: "(Official Music Video) [HD]", "with lyrics", "2011 Remaster".

A title may be made of the very same words, so a query without them is a second reading, for when the first finds
little.
"""

import re
from collections.abc import Sequence

from services.search.domain.words.normalise import fold

# Said of recordings and hardly ever sung about.
_MARKS = (
    "official, officially, visualizer, visualiser, lyric, lyrics, hd, hq, uhd, 4k, 8k, 480p, 720p, 1080p, 2160p, 60fps,"
    "mv, vevo, videoclip, remaster, remastered, color coded, colour coded,"
    "oficial, officiel, offizielles, ufficiale, letra, letras, paroles, songtext, testo, tekst,"  # codespell:ignore
    "legendado, официальный, официальное, клип, текст, 官方, 公式, 歌詞, 歌词, 高清, 뮤직비디오, 가사"
)
# Noise beside a mark; alone they are words like others: "Video Games", "Audio", "Full Moon".
_BEFORE_MARKS = "music video, video, clip, clipe, audio, full, with, in"
_AFTER_MARKS = f"{_BEFORE_MARKS}, music, version, explicit, clean, quality, by, on screen, видео"
_AT_THE_END = "music video, video, audio, clip"
_ANYWHERE = "feat, ft, featuring, prod by, prod"
_OFTEN_CUT = ("official", "lyrics", "remastered")
"""What is so common that its beginning, as a last word, is known too."""
_SHORTEST_BEGINNING = 5


def _phrases(listed: str) -> list[str]:
    """Return the phrases folded, longer ones first."""
    return sorted(map(fold, listed.split(",")), key=len, reverse=True)


def _any(listed: str) -> str:
    return rf"(?:{'|'.join(map(re.escape, _phrases(listed)))})(?!\S)"


_YEAR = r"(?:19|20)\d\d(?!\S)"
_NOISE = re.compile(
    rf"""(?<!\S)(?:
        (?:{_YEAR}\ (?=remaster))? (?:{_any(_BEFORE_MARKS)}\ )*
        {_any(_MARKS)} (?:(?<=remaster|mastered)\ {_YEAR})?
        (?:\ {_any(_MARKS)}|\ {_any(_AFTER_MARKS)})*
        |{_any(_ANYWHERE)}
        |{_any(_AT_THE_END)}$
    )""",
    re.VERBOSE,
)


def without_noise(tokens: Sequence[str]) -> tuple[str, ...]:
    """Return the query's tokens without noise; all of them where nothing else would remain.

    The last token may be the beginning of such a word.
    """
    text = " ".join([*tokens[:-1], *map(_completed, tokens[-1:])])
    return tuple(_NOISE.sub("", text).split()) or tuple(tokens)


def _completed(token: str) -> str:
    if len(token) < _SHORTEST_BEGINNING:
        return token
    return next((word for word in _OFTEN_CUT if word.startswith(token)), token)
