"""Words in FTS5's query language. They hold only letters and digits; quoted, none can be an operator."""

from collections.abc import Sequence

from services.search.domain.candidates.reading import Word


def any_of(group: Sequence[Word]) -> str:
    """Ask for one of the words."""
    return " OR ".join([f'"{word.text}"*' if word.begins else f'"{word.text}"' for word in group])
