"""What clings to a title pasted from a video site: "(Official Music Video) [HD]", "with lyrics", "2011 Remaster".

A title may be made of the very same words, so a query without them is a second reading, for when the first finds
little.
"""

import re

from services.search.domain.words.normalise import fold, parted

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


def without_noise(folded: str) -> str:
    """Return a folded query without noise; as it is where there is none, and where nothing else would remain.

    The last word may be the beginning of such a word.
    """
    text = parted(folded)
    before, space, last = text.rpartition(" ")
    left = " ".join(_NOISE.sub("", f"{before}{space}{_completed(last)}").split())
    return folded if left in ("", text) else left


def _completed(last: str) -> str:
    if len(last) < _SHORTEST_BEGINNING:
        return last
    return next((word for word in _OFTEN_CUT if word.startswith(last)), last)
