"""Whoever sits at the terminal: who that is, and how a command speaks to them."""

import getpass
import os
import re
import sys

_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal obeys instead of showing it, what turns the direction of a line around, and halves of characters."""


def you(most_chars: int) -> str:
    """Return the name of whoever runs this, for a journal."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # nobody in particular, as in a container
        name = f"user {os.getuid()}"
    return name[:most_chars]


def say(sentence: str) -> None:
    """Print a line, harmless wherever its words come from; in silence once nobody reads on, as behind `head`."""
    try:
        sys.stdout.write(f"{harmless(sentence)}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # What is buffered still has somewhere to go at exit, and the command ends with the status that it came to.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def harmless(text: str) -> str:
    """Return the text with what a terminal would obey spelled out, as JSON has it."""
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
