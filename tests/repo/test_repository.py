"""The repository keeps its own promises: what it says of itself is so."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.kit.process import ProcessSettings
from services.kit.settings import variables
from services.stack import STACK
from tests.repo.generated import ROOT, committed, generated

DOCUMENTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})
NOT_SETTINGS = {"BACKLINE_REQUIRE"}
"""Read by the tests, not by a service."""

PRODUCT_WORDS = re.compile(r"\b(track|album|artist|song|music|catalog|query|playlist|experiment)s?\b", re.IGNORECASE)


def test_what_is_generated_is_fresh() -> None:
    """Generated files are what `make gen` makes of their sources today, none missing and none left over."""
    fresh, there = generated(), committed()
    assert sorted(map(str, there)) == sorted(map(str, fresh)), "run make gen"
    stale = [str(path) for path in fresh if there[path] != fresh[path]]
    assert not stale, "run make gen"


def test_every_variable_in_the_documents_is_a_setting() -> None:
    """Whoever copies a variable from a document sets something that exists."""
    known = {variable.name for variable in variables(ProcessSettings, "BACKLINE")} | NOT_SETTINGS
    for service in STACK.values():
        known |= {variable.name for variable in variables(service.settings, service.prefix)}
    named = {
        (path.name, name)
        for path in (*DOCUMENTS, ROOT / "Makefile")
        for name in re.findall(r"\bBACKLINE_[A-Z0-9_]*[A-Z0-9]\b", path.read_text())
    }
    assert {(path, name) for path, name in named if name not in known} == set()


def test_every_make_target_in_the_documents_exists() -> None:
    """Whoever copies a command from a document gets what it promises."""
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        (path.name, target)
        for path in DOCUMENTS
        for target in re.findall(r"(?:`|^|\s\s)make ([a-z]+(?:-[a-z]+)*)", path.read_text(), re.MULTILINE)
    }
    assert {(path, target) for path, target in named if target not in targets} == set()
    assert ("README.md", "run") in named


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """A link to a file of the repository leads to a file, and one to a heading to a heading."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        if not path.exists() or (heading and heading not in _headings(path)):
            broken.append(target)
    assert broken == []


def _headings(document: Path) -> set[str]:
    lines = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "README.md"])
def test_paths_in_the_tour_exist(document: str) -> None:
    """Files and folders that a tour names are there."""
    text = (ROOT / document).read_text()
    named = re.findall(r"`((?:services|protos|gen|tests|benchmarks|docs)/[\w./-]*)`", text)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("services.search.main", {"fastapi", "starlette", "pydantic", "kubernetes", "opentelemetry"}),
        ("services.catalog.main", {"fastapi", "starlette", "pydantic", "kubernetes", "opentelemetry"}),
        ("services.search.indexer.main", {"fastapi", "pydantic", "kubernetes", "opentelemetry", "numpy"}),
        ("services.edge.main", {"kubernetes", "opentelemetry.sdk", "sqlite3"}),
        ("services.__main__", {"fastapi", "starlette", "pydantic", "kubernetes", "opentelemetry", "numpy"}),
    ],
)
def test_a_process_imports_only_what_it_needs(module: str, forbidden: set[str]) -> None:
    """A search process does not carry the edge's framework, and nobody carries what is imported on demand."""
    program = f"import sys, {module}; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert forbidden & set(answer.stdout.split()) == set()


def test_the_kit_knows_no_product() -> None:
    """The kit is mechanism: it has no word of what the services are about."""
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in (ROOT / "services/kit").rglob("*.py")
        for match in PRODUCT_WORDS.finditer(path.read_text())
    }
    assert found == set()


def test_every_service_has_the_same_rooms() -> None:
    """A reader who knows one service finds the way in all others, and in a second process of one."""
    for service in STACK.values():
        home = Path(inspect.getfile(service.settings)).parent
        rooms = {path.name for path in home.iterdir()}
        assert {"main.py", "settings.py", "signals.py"} <= rooms
        assert "api" in rooms or service.address == "operations"
