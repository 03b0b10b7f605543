"""An invented catalogue in many scripts, drawn by seed, small enough in its words that titles share them."""

import random
from collections.abc import Sequence

from services.search.domain.document import ArtistName, Document, Kind

WORDS = (
    *("paper", "moon", "moons", "moonlight", "a", "the", "of", "lantern", "lanterns", "river", "riverside"),
    *(
        "Étoile",
        "Lumière",
        "Ødegård",
        "Straße",
        "ŁÓDKA",
        "don't",
        "A$TRO",
        "moon's",
        "S.U.N.",
        "&",
        "(live)",
        "2",
        "21",
    ),
    *("луна", "лунный", "ёлка", "φεγγάρι", "ירח", "قمر", "चाँद", "달빛", "달", "노래"),
    *("月", "月光", "紙の月", "ガラスの月", "月光ソナタ", "พระจันทร์", "moon月", "🌙", "❤️"),
)
MARKETS = ("DE", "FR", "JP", "BR")


def invented_documents(count: int, seed: int) -> list[Document]:
    """Return that many documents of all kinds, in no order; a few share their popularity."""
    source = random.Random(seed)  # noqa: S311 - invention, not secrets
    artists = [ArtistName(f"inv:a{number}", _title(source, 2), _aliases(source)) for number in range(count // 8)]
    return [_document(source, number, artists) for number in range(count)]


def _document(source: random.Random, number: int, artists: Sequence[ArtistName]) -> Document:
    kind = source.choice(list(Kind))
    credited = () if kind is Kind.ARTIST else tuple(source.sample(artists, source.choice((0, 1, 1, 2))))
    return Document(
        kind=kind,
        id=f"inv:{number}",
        title=_title(source, 4),
        aliases=_aliases(source),
        artists=credited,
        credit=source.choice(("", " feat. ".join(artist.name for artist in credited))),
        explicit=source.random() < 0.2,
        markets=tuple(sorted(source.sample(MARKETS, source.choice((0, 0, 1, 2))))),
        popularity=source.choice((0, 7, source.randrange(10**9))),
    )


def _title(source: random.Random, most: int) -> str:
    return " ".join(source.choices(WORDS, k=source.randint(1, most)))


def _aliases(source: random.Random) -> tuple[str, ...]:
    return (_title(source, 2),) if source.random() < 0.1 else ()
