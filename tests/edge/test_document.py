"""The OpenAPI document, as strangers take it: a linter, and a client generated from it."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from services.kit import ports
from services.kit.clock import SystemClock
from services.kit.http.server import open_http_server
from tests.edge.api_edge import app, caller

HERE = Path(__file__).parent
LINTER = HERE / "openapi/node_modules/.bin/redocly"
"""`npm ci` in its folder installs it."""
BINARIES = Path(sys.executable).parent
GENERATE = "generate --path=openapi.json --output-path=generated --meta=none --fail-on-warning"


async def written(folder: Path) -> Path:
    """Write the document into a folder and return its path."""
    path = folder / "openapi.json"
    async with caller(app()) as client:
        path.write_bytes((await client.get("/openapi.json")).content)
    return path


async def run(*command: str | Path, folder: Path, **environ: str) -> tuple[int | None, str]:
    """Run a program in the folder, with little of our environment, and return its exit status and what it says."""
    node = [str(Path(found).parent) for found in (shutil.which("node"),) if found]
    path = os.pathsep.join([str(BINARIES), *node, os.defpath])
    environment: Mapping[str, str] = {"PATH": path, "HOME": str(folder), **environ}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    return process.returncode, output.decode() or errors.decode()


async def test_the_document_passes_a_strict_linter(require: Callable[[str, bool], None], tmp_path: Path) -> None:
    """Redocly's strict rules find nothing: names, descriptions, tags, problems and examples are as they should be."""
    require("redocly", LINTER.exists() and shutil.which("node") is not None)
    document, rules = await written(tmp_path), HERE / "openapi/redocly.yaml"
    command = (LINTER, "lint", document, "--config", rules, "--format=json")
    status, found = await run(*command, folder=tmp_path, REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true")
    assert [problem["message"] for problem in json.loads(found)["problems"]] == []
    assert status == 0


async def test_every_refusal_is_documented_as_a_problem(tmp_path: Path) -> None:
    """What is refused is a problem document with the parts of RFC 9457, but for OFREP, which has errors of its own."""
    document = json.loads((await written(tmp_path)).read_text())
    refusals = {
        (path, status): refusal
        for path, operations in document["paths"].items()
        if not path.startswith("/ofrep/")
        for operation in operations.values()
        for status, refusal in operation["responses"].items()
        if status.startswith("4")
    }
    assert len(refusals) > len(document["paths"])
    schemas = {next(iter(refusal["content"].values()))["schema"]["$ref"] for refusal in refusals.values()}
    assert {content for refusal in refusals.values() for content in refusal["content"]} == {"application/problem+json"}
    assert len(schemas) == 1
    problem = document["components"]["schemas"][schemas.pop().rpartition("/")[2]]
    assert {"type", "title", "status", "detail"} <= problem["properties"].keys() & set(problem["required"])


async def test_a_client_generated_from_the_document_reads_the_answers(tmp_path: Path) -> None:
    """Whoever generates a client has typed results, items and problems at once."""
    await written(tmp_path)
    generated, said = await run(BINARIES / "openapi-python-client", *GENERATE.split(), folder=tmp_path)
    assert generated == 0, said
    listener = ports.listen("127.0.0.1", 0, "TOY_PORT")
    async with open_http_server(app(), listener, 1, SystemClock()) as address:
        used, said = await run(sys.executable, HERE / "generated_client.py", f"http://{address}", folder=tmp_path)
    assert used == 0, said
