"""The command line: `backline …` and `python -m services …`."""

import argparse
import sys
from collections.abc import Sequence

from services.commands import catalog, doctor, flags, import_, index, run, search, up
from services.commands.person import harmless
from services.kit.errors import Failure, Invalid

COMMANDS = (up, run, import_, search, catalog, index, flags, doctor)
DESCRIPTION = """A music search backend to run, load, break and be paged for.

first steps:
  backline import generate --tracks 100000    make a catalogue (or: backline import music-routes DIR)
  backline up                                 start everything; then open http://127.0.0.1:8080
  backline search moon                        search from here
"""
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say and return the exit status: 0 well, 1 not well, 2 not as asked."""
    parser = argparse.ArgumentParser(
        "backline", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    arguments = parser.parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except Failure as failure:
        sys.stderr.write(f"backline: {harmless(str(failure))}\n")
        return 2 if isinstance(failure, Invalid) else 1
    except BaseExceptionGroup as failures:
        known, unknown = failures.split(Failure)
        if unknown is not None or known is None:
            raise
        sys.stderr.write(f"backline: {harmless('; '.join(map(str, known.exceptions)))}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


if __name__ == "__main__":
    sys.exit(main())
