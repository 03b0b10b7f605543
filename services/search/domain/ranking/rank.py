"""Rankers. A ranker is weights for what is known of a candidate, and is chosen by name.

All weights are in doublings of popularity: a title that is the query outweighs a thousand times the plays of another
when whole_title is ten.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from types import MappingProxyType
from typing import TypeAlias

from services.search.domain.candidates.candidate import END, EXPLICIT, KIND, LOCAL, TRAITS, Candidate
from services.search.domain.candidates.reading import Phrase, Reading, Wordings

Match: TypeAlias = Callable[[str], float]


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
        of_traits, doubling = _worth_of_traits(self, prefer_clean=prefer_clean), self.popularity
        wordings = Wordings(reading, self._match_that_lacks_words if reading.at_least else self._match)
        match = wordings.only
        if match:
            return [
                doubling * log2(plays + 1) + of_traits[traits] + match(text) for _, traits, text, plays in candidates
            ]
        return [
            doubling * log2(plays + 1) + of_traits[traits] + wordings.of(text)(text)
            for _, traits, text, plays in candidates
        ]

    def _match(self, phrase: Phrase) -> Match:
        """Return what tells what a candidate's text is worth for what it shares with a wording.

        A function that knows its numbers, since it is called for each of fifty candidates.
        """
        words, openings, titles = phrase.words, phrase.openings, phrase.titles
        edits, title_covered, artists_covered = self.edit * phrase.edits, self.title_covered, self.artists_covered
        whole_title, title_prefix = edits + self.whole_title, edits + self.title_prefix
        begun = title_covered * len(phrase.text)

        def worth(text: str) -> float:
            if text.startswith(openings):
                return whole_title if text.startswith(titles) else title_prefix + begun / text.index(END)
            title, artists, _ = text.split(END)
            in_title = in_artists = 0
            for word in words:
                if word in title:
                    in_title += len(word)
                elif word in artists:
                    in_artists += len(word)
            worth = edits
            if in_title:
                worth += title_covered * min(1.0, in_title / len(title))
            if in_artists:
                worth += artists_covered * min(1.0, in_artists / len(artists))
            return worth

        return worth

    def _match_that_lacks_words(self, phrase: Phrase) -> Match:
        whole, words = self._match(phrase), phrase.words
        return lambda text: whole(text) + self.missing * sum([len(word) for word in words if word not in text])


@lru_cache
def _worth_of_traits(ranker: Ranker, *, prefer_clean: bool) -> Sequence[float]:
    """Return what each value of traits is worth by itself."""
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
