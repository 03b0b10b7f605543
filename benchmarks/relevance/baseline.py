"""What our engine has reached before, kept beside the code: a change that makes a class worse is seen."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TypeAlias

from benchmarks.relevance.scores import Score, Scores

MOST_LOST = 0.02
"""How much lower than before a figure may be."""
_PATH = Path(__file__).with_name("baseline.json")

Baseline: TypeAlias = Mapping[str, Scores]
"""By corpus and class."""


def read(path: Path = _PATH) -> Baseline:
    """Return what has been accepted last; nothing where nothing has been."""
    if not path.exists():
        return {}
    accepted = json.loads(path.read_text("utf-8"))
    return {corpus: {name: Score(**values) for name, values in classes.items()} for corpus, classes in accepted.items()}


def accept(reached: Baseline, path: Path = _PATH) -> None:
    """Keep what has been reached over these corpora, and what stood there before over the others."""
    kept = {corpus: _rows(classes) for corpus, classes in {**read(path), **reached}.items()}
    path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")


def _rows(classes: Scores) -> dict[str, dict[str, float]]:
    return {
        name: {metric: round(value, 4) for metric, value in asdict(score).items()} for name, score in classes.items()
    }
