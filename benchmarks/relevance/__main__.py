"""Measures how often engines find what was meant.

    python -m benchmarks.relevance [--scale 1m] [--music-routes DIR] [--engine backline] [--failures typo]

Queries made by hand over music-routes, where its folder is named, also by MUSIC_ROUTES; queries made by seed over
invented catalogues of every scale up to the named one. Our figures are compared with `baseline.json`: one that is more
than two points lower fails, and `--accept` rewrites those that were measured.
"""

import argparse
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpora import SCALES, Corpus, generated_corpus, music_routes_corpus
from benchmarks.engines import Engine
from benchmarks.figures import report
from benchmarks.ours import Backline
from benchmarks.peers.postgres import Postgres
from benchmarks.peers.tantivy_two_phase import TantivyTwoPhase
from benchmarks.relevance import baseline
from benchmarks.relevance.cases import Cases
from benchmarks.relevance.entries import Entry, entries
from benchmarks.relevance.hand import SETS, hand_made, lines
from benchmarks.relevance.runs import asked, failures, foreseen
from benchmarks.relevance.scores import Scores, scores
from benchmarks.relevance.seeded import seeded
from benchmarks.relevance.summary import FROZEN, Outcome, figures, reached
from tests.postgres_server import programs

NO_SCALE = "none"


def main() -> int:
    """Measure, print and return the exit status."""
    options = _parser().parse_args()
    with _folder(options.keep) as folder:
        sitting = Sitting(_engines(options.engine), folder, options.failures)
        outcomes = [*sitting.by_hand(options.music_routes), *sitting.by_seed(options.scale)]
    before = baseline.read()
    if options.accept:
        baseline.accept(reached(outcomes))
    return report([figure for one in outcomes for figure in figures(one, before.get(one.name, {}))])


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who is asked, where they keep their indexes, and the class whose failures are shown."""

    engines: Sequence[Engine]
    folder: Path
    failures: str

    def by_seed(self, largest: str) -> Iterator[Outcome]:
        """Ask over invented catalogues, up to the scale."""
        for scale in SCALES if largest != NO_SCALE else ():
            corpus = generated_corpus(scale)
            catalogue = list(entries(corpus.items()))
            cases = seeded(catalogue)
            yield self._outcome(scale, corpus, catalogue, cases, scores(foreseen(catalogue, cases)))
            if scale == largest:
                return

    def by_hand(self, music_routes: str) -> Iterator[Outcome]:
        """Ask over music-routes; nothing where it is not there."""
        if not music_routes:
            sys.stderr.write("The queries made by hand are left out: --music-routes names their catalogue.\n")
            return
        corpus = music_routes_corpus(Path(music_routes))
        catalogue = list(entries(corpus.items()))
        for name in SETS:
            yield self._outcome(f"hand_{name}", corpus, catalogue, hand_made(lines(name), catalogue), {})

    def _outcome(self, name: str, corpus: Corpus, catalogue: Sequence[Entry], cases: Cases, ceiling: Scores) -> Outcome:
        reached = {}
        for engine in self.engines:
            answers = asked(engine, corpus, cases, self.folder)
            reached[engine.name] = scores(answers)
            if name != FROZEN:  # nobody learns from these
                for line in failures(answers.get(self.failures, ()), catalogue):
                    sys.stderr.write(f"{name} {engine.name} {line}\n")
        return Outcome(name, reached, ceiling)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relevance", description="Measures relevance.")
    parser.add_argument("--scale", default="100k", choices=[NO_SCALE, *SCALES], help="the largest; 100k unless said")
    parser.add_argument("--music-routes", default=os.environ.get("MUSIC_ROUTES", ""), metavar="DIR")
    parser.add_argument("--engine", action="append", choices=list(_by_name()), help="only this one; may be repeated")
    parser.add_argument("--failures", default="", metavar="CLASS", help="show the queries of a class that failed")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="where to build indexes, or find those built before, of the same documents by the same code",
    )
    parser.add_argument("--accept", action="store_true", help="take our figures as the new baseline")
    return parser


def _engines(names: Sequence[str] | None) -> Sequence[Engine]:
    """Return the engines of these names; all that can run here unless any is named."""
    by_name = _by_name()
    if names:
        return [by_name[name] for name in names]
    return [engine for name, engine in by_name.items() if name != Postgres().name or programs()]


def _by_name() -> dict[str, Engine]:
    """Return ours and the peers, but for the one that has our speller and ranker and so finds what we find."""
    engines: Sequence[Engine] = (Backline(), TantivyTwoPhase(), Postgres())
    return {engine.name: engine for engine in engines}


@contextmanager
def _folder(kept: Path | None) -> Generator[Path, None, None]:
    if kept:
        yield kept
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
