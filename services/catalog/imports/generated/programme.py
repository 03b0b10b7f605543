"""What every label releases, and how its tracks and songs are dealt out to its albums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from services.catalog.imports.generated.chance import Chance
from services.catalog.imports.generated.labels import TRACKS


class Form(Enum):
    """What sort of release an album is."""

    LONG = auto()
    SHORT = auto()
    SINGLE = auto()
    LEAD = auto()
    """A single ahead of a long album: a song of it, and that song once more in another version."""
    LIVE = auto()
    REISSUE = auto()
    REMIXES = auto()
    SAMPLER = auto()
    """No tracks of its own: some of the whole label's, and hits of others."""
    BEST = auto()
    """No tracks of its own: the best of the label's most famous artist."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the programme."""

    form: Form
    owner: int
    """Whose album it is: the place on the roster, the most famous first."""
    of: int | None = None
    """The earlier line whose songs it takes up; None for songs of its own."""


PROGRAMME = (
    *(Line(Form.LONG, owner) for owner in (0, 0, 0, 1, 1, 2, 3, 4)),
    *(Line(Form.SHORT, owner) for owner in (5, 6, 7)),
    *(Line(Form.SINGLE, owner) for owner in (8, 9, 10, 11, 12)),
    Line(Form.LEAD, owner=0, of=0),
    Line(Form.LEAD, owner=1, of=3),
    Line(Form.LEAD, owner=2, of=5),
    Line(Form.LIVE, owner=0, of=0),
    Line(Form.REISSUE, owner=1, of=3),
    Line(Form.REMIXES, owner=0, of=2),
    Line(Form.SAMPLER, owner=0, of=0),
    Line(Form.BEST, owner=0, of=0),
)
"""Who is not in it only features on others' tracks."""

FEWEST_SONGS = 80
"""Every label has more."""

_SMALL: Mapping[Form, Sequence[int]] = {
    Form.SHORT: (4, 5, 6),
    Form.SINGLE: (1, 2, 3),
    Form.LEAD: (2,),
    Form.REMIXES: (3, 4, 5),
    Form.SAMPLER: (0,),
    Form.BEST: (0,),
}
"""How many tracks; the other forms share what these leave of a label's."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A line with its share: how many tracks, and where they and their songs begin among the label's."""

    line: Line
    tracks: int
    first_track: int
    first_song: int

    def song(self, position: int) -> int:
        """Return the song of the track at the position, counted from 1: the next one each, but on a lead always one."""
        return self.first_song if self.line.form is Form.LEAD else self.first_song + position - 1


def layout(chance: Chance, label: int) -> tuple[list[Slot], int]:
    """Return the label's slots, one for each line of the programme, and how many songs it has."""
    slots: list[Slot] = []
    track = song = 0
    for line, tracks in zip(PROGRAMME, _sizes(chance), strict=True):
        if line.of is None:
            slots.append(Slot(line, tracks, track, song))
            song += tracks
        else:
            skipped = label % 3 if line.form is Form.LEAD else 0
            slots.append(Slot(line, tracks, track, slots[line.of].first_song + skipped))
        track += tracks
    return slots, song


def _sizes(chance: Chance) -> list[int]:
    sizes = [chance.pick(_SMALL.get(line.form, (0,))) for line in PROGRAMME]
    large = [place for place, line in enumerate(PROGRAMME) if line.form not in _SMALL]
    share, over = divmod(TRACKS - sum(sizes), len(large))
    for turn, place in enumerate(large):
        sizes[place] = share + (turn < over)
    for one, other in zip(large[::2], large[1::2], strict=True):
        shift = chance.below(4)
        sizes[one], sizes[other] = sizes[one] - shift, sizes[other] + shift
    return sizes
