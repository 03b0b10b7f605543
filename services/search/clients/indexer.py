"""What a search process asks of the indexer: which generation to serve, and its files."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote

import orjson

from services.kit.errors import Invalid, NotFound, Unavailable
from services.kit.files import one_sentence
from services.kit.http.client import HttpClient
from services.search.domain.rollout import Assignment, Report

_ASSIGNMENT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class HttpIndexer:
    """Asks the indexer's operations listener."""

    client: HttpClient
    ask_limit_s: float
    fetch_limit_s: float
    """For one file, whatever its size."""

    async def assignment(self, report: Report) -> Assignment:
        """Return what the process that reports shall serve now."""
        answer = await self.client.get(
            "/index/assignment", asdict(report), limit_s=self.ask_limit_s, at_most_bytes=_ASSIGNMENT_BYTES
        )
        try:
            fields = orjson.loads(answer)
            keep, meanwhile = frozenset(map(str, fields["keep"])), str(fields.get("meanwhile", ""))
            return Assignment(str(fields["generation"]), str(fields["delta"]), keep, meanwhile)
        except (ValueError, TypeError, KeyError, AttributeError) as fault:
            raise Unavailable(f"The indexer's answer is no assignment: {fault!r}.") from fault

    async def fetch(self, name: str, file: str, into: Path, at_most_bytes: int) -> None:
        """Write one file of a generation or delta to a path where there is none yet."""
        path = f"/index/generations/{quote(name, safe='')}/{quote(file, safe='')}"
        await self.client.download(path, into, limit_s=self.fetch_limit_s, at_most_bytes=at_most_bytes)


@dataclass(slots=True)
class MemoryIndexer:
    """Assigns what it is told to, and hands out what lies in a folder."""

    folder: Path
    assigned: Assignment = field(default_factory=lambda: Assignment(""))
    reports: list[Report] = field(default_factory=list)
    """What processes have said, oldest first."""
    fetched: list[str] = field(default_factory=list)
    """What they have fetched, `name/file` each."""

    async def assignment(self, report: Report) -> Assignment:
        """Return what every process shall serve now."""
        self.reports.append(report)
        return self.assigned

    async def fetch(self, name: str, file: str, into: Path, at_most_bytes: int) -> None:
        """Copy one file of a generation or delta."""
        try:
            content = (self.folder / name / file).read_bytes()
        except OSError as fault:
            raise NotFound(f"There is no {file} of {name}.") from fault
        if len(content) > at_most_bytes:
            raise Invalid(f"{file} of {name} has more than {at_most_bytes} bytes.")
        self.fetched.append(f"{name}/{file}")
        with one_sentence(into), into.open("xb") as copy:
            copy.write(content)
