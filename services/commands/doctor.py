"""`backline doctor`: looks for what is missing or misconfigured, and says what to do."""

import argparse
import asyncio
import dataclasses
import json
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from services.catalog.store.postgres.opening import look
from services.catalog.store.sqlite.catalog import FILE_NAME as CATALOG_FILE
from services.commands.announcement import Announcement, announced
from services.commands.import_ import unfinished
from services.flags.domain.document import SHARED_PREFIX
from services.flags.domain.promise import has_expired
from services.flags.domain.store import State
from services.flags.store.postgres.opening import look as look_at_flags
from services.flags.store.sqlite.flags import FLAGS
from services.flags.store.sqlite.flags import look as look_at_file
from services.kit import ports
from services.kit.clock import SystemClock
from services.kit.errors import Failure
from services.kit.settings import Secret, environment
from services.search.index.generations import survey
from services.search.index.pointer import read_pointer
from services.stack import STACK, Service, process_settings, settings_of

DESCRIPTION = "Looks for what is missing or misconfigured here, and says what to do. Changes nothing."
_SPARE_BYTES = 1024**3
_ANSWER_S = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found. `fix` says what to do; empty where all is well."""

    subject: str
    text: str
    fix: str = ""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    commands.add_parser("doctor", help="find what is wrong here", description=DESCRIPTION).set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Print all findings; 0 if all is well, 1 if something needs a hand."""
    findings = list(_findings())
    for finding in findings:
        mark = "!!" if finding.fix else "ok"
        sys.stdout.write(f"{mark}  {finding.subject:<12} {finding.text}\n")
        if finding.fix:
            sys.stdout.write(f"    {'':<12} -> {finding.fix}\n")
    return int(any(finding.fix for finding in findings))


def _findings() -> Iterator[Finding]:
    yield Finding("python", f"{platform.python_version()} on {platform.platform(terse=True)}")
    yield _full_text_search()
    try:
        settings = process_settings(environment())
    except Failure as failure:
        yield _bad_settings(failure)
        return
    yield _folder(settings.home)
    yield from _catalogue(settings.home)
    yield from _index(settings.home)
    yield from _flags(settings.home)
    for service in STACK.values():
        yield from _service(service, settings.home)


def _full_text_search() -> Finding:
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE probe USING fts5(word, detail=none)")
        except sqlite3.OperationalError:
            return Finding("sqlite", f"{sqlite3.sqlite_version} has no FTS5", "use a Python whose SQLite has FTS5")
    return Finding("sqlite", f"{sqlite3.sqlite_version} with FTS5")


def _bad_settings(failure: Failure) -> Finding:
    return Finding("settings", str(failure).replace("\n", "; "), "docs/settings.md lists every setting")


def _folder(home: Path) -> Finding:
    exists = home if home.exists() else home.absolute().parent
    if not os.access(exists, os.W_OK):
        return Finding("home", f"{exists} cannot be written to", "set BACKLINE_HOME to a folder of your own")
    free_bytes = shutil.disk_usage(exists).free
    if free_bytes < _SPARE_BYTES:
        text = f"{exists} has {free_bytes / 1024**2:.0f} MB free"
        return Finding("home", text, "free a gigabyte: an index is built beside the one in use")
    return Finding("home", f"{home.absolute()}, {free_bytes / 1024**3:.0f} GB free")


def _catalogue(home: Path) -> Iterator[Finding]:
    try:
        settings = settings_of("catalog", environment())
    except Failure:
        return  # the look at the service itself says so
    try:
        held = _held(home, settings.store)
    except Failure as failure:
        yield Finding("catalogue", str(failure), "correct BACKLINE_CATALOG_STORE, or what it names")
        return
    source = unfinished(home)
    if not held:
        yield Finding("catalogue", "there is none", "backline import generate, or backline import --help")
    elif source:
        yield Finding("catalogue", f"the import from {source} was broken off", "the same import again completes it")
    else:
        yield Finding("catalogue", held)


def _held(home: Path, store: Secret) -> str:
    """Return what holds the catalogue, in words; empty where there is none."""
    if store:
        counts = asyncio.run(look(store, SystemClock()))
        return f"in PostgreSQL, {counts.tracks:,} tracks" if counts and counts.total else ""
    file = home / "catalog" / CATALOG_FILE
    return f"{file}, {file.stat().st_size / 1024**2:.0f} MB" if file.exists() else ""


def _index(home: Path) -> Iterator[Finding]:
    found = survey(home / "index")
    for refused in found.refused:
        yield Finding("index", refused, "delete that folder; the indexer builds a new index when it starts")
    if found.newest is not None:
        manifest = found.newest.manifest
        documents = sum(manifest.document_counts.values())
        source = f"from catalogue generation {manifest.source_generation}"
        yield Finding("index", f"{found.newest.name}: {documents:,} documents {source}")
        held = read_pointer(home / "index").held
        if held:
            fix = "backline index build --reason TEXT, once what was wrong is mended"
            yield Finding("index", f"nothing new is rolled out: {held}", fix)
    elif not found.refused:
        yield Finding("index", "there is none yet; the indexer builds one when it starts")


def _flags(home: Path) -> Iterator[Finding]:
    try:
        settings = settings_of("flags", environment())
    except Failure:
        return  # the look at the service itself says so
    try:
        state = _flags_in_force(home, settings.store)
    except Failure as failure:
        yield Finding("flag store", str(failure), "correct BACKLINE_FLAGS_STORE, or what it names")
        return
    if state is None:
        yield Finding("flag store", "there is none yet; the flags service makes one when it starts")
    else:
        yield from _stored(state, "in PostgreSQL" if settings.store else str(home / "flags" / FLAGS.name))


def _stored(state: State, where: str) -> Iterator[Finding]:
    flags = {key: json.loads(kept.definition) for key, kept in state.flags.items() if not key.startswith(SHARED_PREFIX)}
    yield Finding("flag store", f"{where}, {len(flags):,} flags")
    today = SystemClock().now().date()
    expired = [key for key, flag in sorted(flags.items()) if has_expired(flag.get("metadata", {}), today)]
    if expired:
        fix = "take them out of the code, then: backline flags remove FLAG --reason TEXT"
        yield Finding("flag store", f"expired: {', '.join(expired)}", fix)


def _flags_in_force(home: Path, store: Secret) -> State | None:
    return asyncio.run(look_at_flags(store, SystemClock())) if store else look_at_file(home / "flags")


def _service(service: Service, home: Path) -> Iterator[Finding]:
    try:
        settings: Any = settings_of(service.name, environment())
    except Failure as failure:
        yield _bad_settings(failure)
        return
    alive = list(_processes(service, home))
    for process, announcement in alive:
        yield _running(service, process, announcement)
    if not alive:
        yield from _ports(service, settings)


def _processes(service: Service, home: Path) -> Iterator[tuple[str, Announcement]]:
    """Yield the names of a service's processes, its replicas too, and where they are, as far as they live."""
    for folder in sorted(home.glob(f"{service.name}*")):
        announcement = announced(folder)
        if announcement is not None and announcement.alive and service.name in announcement.addresses:
            yield folder.name, announcement


def _running(service: Service, process: str, announcement: Announcement) -> Finding:
    operations = announcement.addresses[service.name]["operations"]
    text = f"process {announcement.pid}, operations at http://{operations}"
    try:
        with build_opener(ProxyHandler({})).open(f"http://{operations}/readyz", timeout=_ANSWER_S) as answer:
            report = json.load(answer)
    except OSError:
        return Finding(process, f"{text}, not ready", f"see its log, and http://{operations}/readyz")
    silent = [name for name, state in report["dependencies"].items() if state != "answers"]
    if silent:
        return Finding(process, f"{text}, ready", f"{', '.join(silent)} does not answer it; look there")
    return Finding(process, f"{text}, ready")


def _ports(service: Service, settings: Any) -> Iterator[Finding]:  # noqa: ANN401 - any settings class
    fields = [field.name for field in dataclasses.fields(settings) if field.name.endswith("_port")]
    taken = [failure for field in fields if (failure := _taken(service, settings, field))]
    for failure in taken:
        yield Finding(service.name, "does not run", str(failure))
    if not taken:
        yield Finding(service.name, "does not run; its ports are free")


def _taken(service: Service, settings: Any, field: str) -> Failure | None:  # noqa: ANN401 - any settings class
    try:
        ports.listen(settings.host, getattr(settings, field), f"{service.prefix}_{field.upper()}").close()
    except Failure as failure:
        return failure
    return None
