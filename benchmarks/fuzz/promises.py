"""What a target says where search does not keep its word."""


def promise(kept: bool, sentence: str) -> None:  # noqa: FBT001 - read as an assertion
    """Raise AssertionError with the promise unless it is kept; unlike `assert`, also in an optimised Python."""
    if not kept:
        raise AssertionError(sentence)
