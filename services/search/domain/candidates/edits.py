"""By how many letters two words differ.

A letter too many, a letter missing, another letter and two neighbours swapped count one each: optimal string alignment,
which is Damerau's distance (1964) without edits of edits. Most pairs that are compared are alike but for a letter or
two, so what they begin and end with in common is put aside and the table is only filled near its diagonal.
"""


def distance(one: str, other: str, at_most: int) -> int:
    """Return by how many edits the words differ; at_most + 1 where it is more than that."""
    if one == other:
        return 0
    if abs(len(one) - len(other)) > at_most:
        return at_most + 1
    one, other = _differing(one, other)
    if not one or not other:
        return min(len(one) + len(other), at_most + 1)
    return min(_last_row(one, other, at_most)[-1], at_most + 1)


def distance_to_beginning(one: str, other: str, at_most: int) -> int:
    """Return by how many edits a word differs from the nearest beginning of another; at_most + 1 where it is more."""
    if other.startswith(one):
        return 0
    return min(*_last_row(one, other[: len(one) + at_most], at_most), at_most + 1)


def _differing(one: str, other: str) -> tuple[str, str]:
    """Return the words without what they begin with and end with in common."""
    begin, shorter = 0, min(len(one), len(other))
    while begin < shorter and one[begin] == other[begin]:
        begin += 1
    end = 0
    while end < shorter - begin and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[begin : len(one) - end], other[begin : len(other) - end]


def _last_row(one: str, other: str, at_most: int) -> list[int]:
    """Return the distances of one word to every beginning of another; those above at_most are only known to be so."""
    far = at_most + 1
    before: list[int] = []
    row = [min(column, far) for column in range(len(other) + 1)]
    for line, letter in enumerate(one, start=1):
        before_that, before = before, row
        row = [min(line, far)] + [far] * len(other)
        for column in range(max(1, line - at_most), min(len(other), line + at_most) + 1):
            best = before[column - 1] + (letter != other[column - 1])
            best = min(best, before[column] + 1, row[column - 1] + 1)
            if line > 1 and column > 1 and letter == other[column - 2] and one[line - 2] == other[column - 1]:
                best = min(best, before_that[column - 2] + 1)
            row[column] = best
    return row
