"""How deep and how large definitions may be, so that no rule can overflow the stack of who walks it."""

from collections.abc import Iterator

from services.kit.errors import Invalid
from services.kit.flags.values import Json

DEEPEST = 100
"""Levels of nesting: many times what people write, and few enough for Python's stack at an evaluation."""
MOST_NODES = 1_000_000
"""Values in a document, shared evaluators put in."""
MOST_OF_CONTEXT = 1_000
"""Values in a context that a stranger sends: a rule may go through a list of them."""


def levels(tree: Json) -> Iterator[list[Json]]:
    """Yield the values of a tree, those of one depth together, without recursion."""
    level = [tree]
    while level:
        yield level
        below = (node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list))
        level = [child for children in below for child in children]


def counted(tree: Json, more: int = 0, above: int = 0) -> int:
    """Return how many values the tree has, which stands under so many levels, and beside so many more values.

    Raises Invalid where it is too deep, or they are too many with those.
    """
    count = more
    for depth, level in enumerate(levels(tree), above):
        if depth > DEEPEST:
            raise Invalid(f"$: It is nested more than {DEEPEST} levels deep.", field="$")
        count = bounded(count + len(level))
    return count - more


def bounded(count: int) -> int:
    """Return the count of all values. Raises Invalid where they are too many."""
    if count > MOST_NODES:
        raise Invalid(f"$: It has more than {MOST_NODES:,} values.", field="$")
    return count


def excess(tree: Json) -> str:
    """Return a sentence where the tree is too deep or too large, else nothing."""
    try:
        counted(tree)
    except Invalid as fault:
        return str(fault).removeprefix("$: ")
    return ""
