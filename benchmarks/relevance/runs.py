"""Asks engines what cases ask for."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.corpora import Corpus
from benchmarks.engines import Engine, Hit
from benchmarks.relevance.cases import Cases
from benchmarks.relevance.entries import Entry
from benchmarks.relevance.oracle import Oracle
from benchmarks.relevance.scores import PAGE, Answer, Answers


def asked(engine: Engine, corpus: Corpus, cases: Cases, folder: Path) -> Answers:
    """Return the engine's answers; what it builds of the corpus stays in the folder. Errors as in `Engine.open`."""
    with engine.open(corpus.documents(), folder / corpus.name / engine.name) as searcher:
        return {
            name: [Answer(case, [*map(Hit.of, searcher.search(case.typed, PAGE))]) for case in some]
            for name, some in cases.items()
        }


def foreseen(catalogue: Sequence[Entry], cases: Cases) -> Answers:
    """Return the oracle's answers."""
    oracle = Oracle(catalogue)
    return {name: [Answer(case, oracle.search(case.clean, PAGE)) for case in some] for name, some in cases.items()}


def failures(answers: Sequence[Answer], catalogue: Sequence[Entry]) -> Iterator[str]:
    """Yield a line for each answer that has something else in first place, with what it has there."""
    failed = [answer for answer in answers if answer.place != 1]
    shown = {hit for answer in failed for hit in answer.hits[:3]}
    labels = {entry.hit: entry.label for entry in catalogue if entry.hit in shown}
    for answer in failed:
        instead = " | ".join(labels[hit] for hit in answer.hits[:3]) or "nothing"
        yield f"{answer.place or '-':>2}  {answer.case.typed}  =>  {answer.case.meant}  BUT  {instead}"
