"""How deep and how large definitions may be, so that no rule can overflow the stack of who walks it."""

from collections.abc import Iterator

from services.kit.flags.values import Json

DEEPEST = 100
"""Levels of nesting: many times what people write, and few enough for Python's stack at an evaluation."""
MOST_NODES = 1_000_000
"""Values in a document, shared evaluators put in."""


def nodes(tree: Json) -> Iterator[tuple[int, Json]]:
    """Yield every value of a tree with its depth, without recursion."""
    waiting = [(0, tree)]
    while waiting:
        depth, node = waiting.pop()
        yield depth, node
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        waiting.extend((depth + 1, child) for child in children)


def excess(tree: Json, more: int = 0) -> str:
    """Return a sentence where the tree is too deep or, with so many values more, too large; else nothing."""
    count = more
    for depth, _ in nodes(tree):
        count += 1
        if depth > DEEPEST:
            return f"It is nested more than {DEEPEST} levels deep."
        if count > MOST_NODES:
            return f"It has more than {MOST_NODES:,} values."
    return ""
