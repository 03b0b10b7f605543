"""Whoever sits at the terminal: who that is, and how a command speaks to them."""

import getpass
import os
import sys


def you(most_chars: int) -> str:
    """Return the name of whoever runs this, for a journal."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # nobody in particular, as in a container
        name = f"user {os.getuid()}"
    return name[:most_chars]


def say(sentence: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{sentence}\n")
