"""The operations port's page about the index: what is served, how old and how large it is, and how it is searched."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import NamedTuple

from services.kit.http.asgi import Receive, Scope, Send, encoded, respond
from services.search.domain.candidates.sources import SOURCES
from services.search.domain.engine import Options
from services.search.domain.rollout import Assignment
from services.search.index.follower import Follower
from services.search.index.shelf import Open
from services.search.index.swap import Swap

PATH = "/index"

_STYLE = """
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.5rem } h2 { font-size: 1rem; margin: 1.5rem 0 .25rem }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top; overflow-wrap: anywhere }
  th { font-weight: 400; opacity: .7; width: 12rem }
  tr { border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent) }
  td { font-variant-numeric: tabular-nums }
"""
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
}


class Section(NamedTuple):
    """A heading, and names with what there is to say of them."""

    title: str
    rows: Sequence[tuple[str, str]]


class IndexPage:
    """Shows sections, asked for anew with each request, at /index."""

    def __init__(self, sections: Callable[[], Iterable[Section]]) -> None:
        self._sections = sections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Answer a request."""
        if scope["path"] != PATH:
            await respond(scope, send, 404, (), b"")
        elif scope["method"] not in ("GET", "HEAD"):
            await respond(scope, send, 405, encoded({"allow": "GET, HEAD"}), b"")
        else:
            page = rendered(self._sections()).encode()
            await respond(scope, send, 200, encoded(_HEADERS), page, head=scope["method"] == "HEAD")


def sections(swap: Swap, follower: Follower, options: Options, now: datetime) -> list[Section]:
    """Return all that there is to say."""
    served = [_about(title, each, now) for title, each in (("Index", swap.base), ("Delta", swap.delta)) if each]
    rollout = [
        ("indexer", "answers" if follower.answers else "silent; what is here serves on"),
        ("refused", follower.refused or "nothing"),
        ("served before", _pair(swap.previous)),
    ]
    sources = [
        (source.name, "off" if source.name in options.off else f"{source.share:.0%} of a search's time at most")
        for source in SOURCES
    ]
    return [*served, Section("Rollout", rollout), Section("Candidate sources", sources)]


def rendered(sections: Iterable[Section]) -> str:
    """Return the page; no text can be mistaken for a part of it."""
    body = "\n".join(
        f"<h2>{escape(section.title)}</h2>\n<table>\n"
        + "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>\n" for name, value in section.rows)
        + "</table>"
        for section in sections
    )
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Search index</title>\n<style>{_STYLE}</style>\n<h1>Search index</h1>\n{body}\n</html>\n"
    )


def _about(title: str, opened: Open, now: datetime) -> Section:
    """Return what there is to say of a generation or delta."""
    manifest = opened.generation.manifest
    counts = ", ".join(
        f"{count:,} {kind}{'s' * (count != 1)}" for kind, count in sorted(manifest.document_counts.items())
    )
    sizes = ", ".join(f"{name} {_size(facts.size_bytes)}" for name, facts in sorted(manifest.files.items()))
    over = [("over", manifest.base), ("hides of it", f"{len(opened.hidden):,}")] if manifest.base else []
    return Section(
        title,
        [
            ("name", opened.generation.name),
            *over,
            ("built", f"{manifest.built_at:%Y-%m-%d %H:%M:%S} UTC, {_age(now - manifest.built_at)} ago"),
            ("from", f"catalogue generation {manifest.source_generation:,}"),
            ("documents", counts or "none"),
            ("size", f"{_size(manifest.size_bytes)}: {sizes}"),
            ("format", str(manifest.format_version)),
        ],
    )


def _pair(assignment: Assignment) -> str:
    return " with ".join(name for name in (assignment.generation, assignment.delta) if name) or "nothing"


def _size(size_bytes: int) -> str:
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= scale:
            return f"{size_bytes / scale:.1f} {unit}"
    return f"{size_bytes} bytes"


def _age(age: timedelta) -> str:
    """Return an age in its largest two units."""
    left, parts = max(0, round(age.total_seconds())), []
    for name, seconds in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, seconds)
        parts.append(f"{count} {name}" if count else "")
    shown = [part for part in parts if part][:2]
    return " ".join(shown) or "0 s"
