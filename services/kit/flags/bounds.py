"""How deep and how large definitions may be, so that no rule can overflow the stack of who walks it."""

from collections.abc import Iterator

from services.kit.flags.values import Json

DEEPEST = 100
"""Levels of nesting: many times what people write, and few enough for Python's stack at an evaluation."""
MOST_NODES = 1_000_000
"""Values in a document, shared evaluators put in."""


def levels(tree: Json) -> Iterator[list[Json]]:
    """Yield the values of a tree, those of one depth together, without recursion."""
    level = [tree]
    while level:
        yield level
        below = (node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list))
        level = [child for children in below for child in children]


def excess(tree: Json, more: int = 0) -> str:
    """Return a sentence where the tree is too deep or, with so many values more, too large; else nothing."""
    count = more
    for depth, level in enumerate(levels(tree)):
        count += len(level)
        if depth > DEEPEST:
            return f"It is nested more than {DEEPEST} levels deep."
        if count > MOST_NODES:
            return f"It has more than {MOST_NODES:,} values."
    return ""
