"""The page for people: which generation is served, how old and how large it is, what changes, and who serves what."""

from collections.abc import Iterable, Iterator
from html import escape

from services.search.indexer.status import GenerationStatus, ProcessStatus, Status

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
div { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .4rem .8rem .4rem 0;
  text-align: left; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.serving { font-weight: 600; }
.bad, .alarm { color: light-dark(#b3261e, #ff8a80); }
"""
_KIBI = 1024


def page(shown: Status) -> str:
    """Return the page as HTML."""
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Index</title><style>{_STYLE}</style></head><body><h1>Index</h1>",
            *_sentences(shown),
            _table("Generations", _GENERATION_HEADS, map(_generation_row, shown["generations"])),
            _table("Search processes", _PROCESS_HEADS, map(_process_row, shown["processes"])),
            "</body></html>",
        ]
    )


def _sentences(shown: Status) -> Iterator[str]:
    """Yield what stands above the tables."""
    build = shown["build"]
    if not shown["generations"]:
        yield "<p>There is no generation yet.</p>"
    if shown["held"]:
        yield f'<p class="alarm">Nothing new is rolled out: {escape(shown["held"])}.</p>'
    if not shown["feed_connected"]:
        yield '<p class="alarm">The catalogue cannot be followed now; what is here goes on being served.</p>'
    if build["under_way"]:
        yield f"<p>An index is being built ({escape(build['under_way'])}).</p>"
    if build["outcome"] in ("refused", "failed"):
        why = escape(" ".join(build["sentences"]))
        yield f'<p class="alarm">The last build {build["outcome"]}: {why}</p>'


def _table(title: str, heads: str, rows: Iterable[str]) -> str:
    body = "".join(rows)
    if not body:
        return f"<h2>{title}</h2><p>None.</p>"
    return f"<h2>{title}</h2><div><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"


def _heads(*names: str) -> str:
    """Return a row of heads; those of numbers begin with a hash sign."""
    return "".join(_cell(name.removeprefix("#"), "number" if name.startswith("#") else "", "th") for name in names)


def _cell(text: str, kind: str = "", tag: str = "td") -> str:
    class_ = f' class="{kind}"' if kind else ""
    return f"<{tag}{class_}>{escape(text)}</{tag}>"


_GENERATION_HEADS = _heads(
    "name", "status", "#age", "#documents", "#size", "#golden MRR", "#in its delta", "#hidden by it"
)
_PROCESS_HEADS = _heads("process", "serving", "delta", "refused", "#last heard of")


def _generation_row(generation: GenerationStatus) -> str:
    delta, mrr = generation["delta"], generation["golden_mrr"]
    standing = generation["status"]
    cells = [
        _cell(generation["name"]),
        _cell(standing.replace("_", " "), standing),
        _cell(_age(generation["age_s"]), "number"),
        _cell(f"{generation['documents']:,}", "number"),
        _cell(_size(generation["size_bytes"]), "number"),
        _cell("" if mrr is None else f"{mrr:.3f}", "number"),
        _cell(f"{delta['documents']:,}" if delta else "", "number"),
        _cell(f"{delta['hidden']:,}" if delta else "", "number"),
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _process_row(process: ProcessStatus) -> str:
    cells = [
        _cell(process["process"] + (" (canary)" if process["canary"] else "")),
        _cell(process["serving"] or "nothing yet"),
        _cell(process["delta"]),
        _cell(process["refused"], "bad" if process["refused"] else ""),
        _cell(f"{process['seen_s']:.0f} s ago", "number"),
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _age(seconds: int) -> str:
    for unit, length_s in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length_s:
            return f"{seconds // length_s} {unit}"
    return f"{seconds} s"


def _size(size_bytes: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if size_bytes < _KIBI:
            return f"{size_bytes:.0f} {unit}"
        size_bytes /= _KIBI
    return f"{size_bytes:.1f} GiB"
