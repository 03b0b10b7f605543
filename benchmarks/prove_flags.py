"""What flags promise when things go wrong: `python -m benchmarks.prove_flags`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from benchmarks import flag_outage, flag_pairs, flag_storm
from benchmarks.figures import Figure, report

PROOFS = {"pairs": flag_pairs.proven, "storm": flag_storm.proven, "outage": flag_outage.proven}


def main() -> int:
    """Prove, print and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prove_flags", description="Proves what flags promise.")
    parser.add_argument("proofs", nargs="*", metavar="PROOF", help=f"which of {', '.join(PROOFS)}; all unless said")
    wanted = parser.parse_args().proofs or [*PROOFS]
    return report(asyncio.run(_proven(wanted)))


async def _proven(names: Sequence[str]) -> list[Figure]:
    return [figure for name in names for figure in await PROOFS[name]()]


if __name__ == "__main__":
    sys.exit(main())
