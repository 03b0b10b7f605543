"""Rankers. A ranker is weights for what is known of a candidate, and is chosen by name.

All weights are in doublings of popularity: a title that is the query outweighs a thousand times the plays of another
when whole_title is ten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from types import MappingProxyType

from services.search.domain.candidates.candidate import END, EXPLICIT, KIND, LOCAL, TRAITS, Candidate
from services.search.domain.candidates.reading import Phrase, Reading, Wordings


@dataclass(frozen=True, slots=True)
class Ranker:
    """What each feature of a candidate is worth. What is worth most comes first; equals stay as they are."""

    popularity: float = 1.0
    """For each doubling of popularity."""
    whole_title: float = 10.0
    """For a title that is the query, with or without its leading article."""
    title_prefix: float = 5.0
    """For a title that begins with the query, and title_covered for the part of it that was typed."""
    title_covered: float = 3.0
    """For a title all of whose words were typed; less for a part of it."""
    artists_covered: float = 1.0
    """For artists all of whose words were typed beside the title; less for a part of them."""
    artist: float = 2.0
    album: float = 1.0
    """For what is no track: an artist stands above the album named after it, and that above the track."""
    edit: float = -4.0
    """For each letter that differs from what was typed."""
    missing: float = -1.0
    """For each letter of the words that it lacks, where not all had to be found."""
    local: float = 0.5
    """For what may be played in some markets only, and in this."""
    explicit: float = -6.0
    """For what is marked as explicit, where that is not preferred."""

    def scores(self, reading: Reading, candidates: Sequence[Candidate], *, prefer_clean: bool = False) -> list[float]:
        """Return what each candidate is worth as an answer to the reading."""
        worth = _worth_of_traits(self, prefer_clean)
        missing = self.missing if reading.at_least else 0.0
        wordings, matched, doublings, scores = Wordings(reading), self._matched, self.popularity, list[float]()
        for _, traits, text, popularity in candidates:
            phrase = wordings.only or wordings.of(text)
            score = doublings * log2(popularity + 1) + worth[traits] + matched(phrase, text)
            if phrase.edits:
                score += self.edit * phrase.edits
            if missing:
                score += missing * sum([len(word) for word in phrase.words if word not in text])
            scores.append(score)
        return scores

    def _matched(self, phrase: Phrase, text: str) -> float:
        if text.startswith(phrase.openings):
            if text.startswith(phrase.titles):
                return self.whole_title
            return self.title_prefix + self.title_covered * len(phrase.text) / text.index(END)
        title, artists, _ = text.split(END, 2)
        in_title = in_artists = 0
        for word in phrase.words:
            if word in title:
                in_title += len(word)
            elif word in artists:
                in_artists += len(word)
        worth = self.title_covered * min(1.0, in_title / len(title)) if in_title else 0.0
        return worth + self.artists_covered * min(1.0, in_artists / len(artists)) if in_artists else worth


@lru_cache
def _worth_of_traits(ranker: Ranker, prefer_clean: bool) -> Sequence[float]:  # noqa: FBT001 - lru_cache
    kinds, explicit = (0.0, 0.0, ranker.album, ranker.artist), ranker.explicit if prefer_clean else 0.0
    return [
        kinds[traits & KIND] + explicit * bool(traits & EXPLICIT) + ranker.local * bool(traits & LOCAL)
        for traits in TRAITS
    ]


RANKERS: Mapping[str, Ranker] = MappingProxyType(
    {
        "match-and-popularity": Ranker(),
        "match-first": Ranker(popularity=0.4, edit=-6.0),
    }
)
DEFAULT_RANKER = "match-and-popularity"
