"""`backline search QUERY`: asks the running edge and prints a table."""

import argparse
import json
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from services.commands.announcement import announced
from services.edge.settings import EdgeSettings
from services.kit.errors import Invalid, Unavailable
from services.kit.ports import address
from services.kit.settings import environment
from services.stack import process_settings, settings_of

DESCRIPTION = "Asks the running system and prints what it finds, best first. The last word may be unfinished."
_NOTHING = "Nothing found. Fewer or shorter words find more."
_NOTHING_IN_TIME = "Nothing found in time; try again in a moment."
_TIMEOUT_S = 5.0


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser("search", help="search from the terminal", description=DESCRIPTION)
    parser.add_argument("query", nargs="+", help="what to look for")
    parser.add_argument("--kinds", default="", metavar="KINDS", help="only these, such as track,album")
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="how many results (default: 10)")
    parser.add_argument("--explain", action="store_true", help="say what found each result, and which index answered")
    parser.add_argument("--edge", default="", metavar="URL", help="where to ask (default: the edge that runs here)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the answer; 0 if anything was found, 1 if nothing was."""
    edge = arguments.edge or _edge_url()
    kinds = {"kinds": arguments.kinds} if arguments.kinds else {}
    matches = {"matches": "true"} if arguments.explain else {}
    parameters = {"q": " ".join(arguments.query), "limit": arguments.limit, **kinds, **matches}
    answer = _get(f"{edge}/v1/search?{urlencode(parameters)}")
    sys.stderr.writelines(f"{line}\n" for line in heading(answer))
    results = answer["results"]
    if not results:
        sys.stdout.write(f"{_NOTHING_IN_TIME if answer['degraded'] else _NOTHING}\n")
        return 1
    sys.stderr.flush()
    sys.stdout.write(table([_row(result) for result in results], shutil.get_terminal_size().columns))
    sys.stdout.flush()
    sys.stderr.writelines(f"{line}\n" for line in footing(answer, explain=arguments.explain))
    return 0


def heading(answer: Mapping[str, Any]) -> list[str]:
    """Return what is to be known before the results are read: what was searched for instead, and what was left out."""
    lines = []
    if correction := answer["correction"]:
        lines.append(_printable(f"Showing results for “{correction['query']}” instead of “{answer['query']}”."))
    if answer["degraded"]:
        lines.append(f"A partial answer, to be in time: {_words(answer['degraded'])}.")
    return lines


def footing(answer: Mapping[str, Any], *, explain: bool) -> list[str]:
    """Return what is to be known of the answer as a whole: how many and how fast, and how it came about."""
    index = " and ".join(filter(None, (answer["index_generation"], answer["index_delta"])))
    count = len(answer["results"])
    lines = [f"{count} {'result' if count == 1 else 'results'} in {answer['took_ms']:.1f} ms from {index}"]
    return [*lines, f"found by {_words(answer['sources'])}; ordered by {answer['ranker']}"] if explain else lines


def _words(names: Iterable[str]) -> str:
    return ", ".join(names).replace("_", " ")


def _edge_url() -> str:
    environ = environment()
    announcement = announced(process_settings(environ).home / "edge")
    if announcement is not None and announcement.alive:
        return f"http://{announcement.addresses['edge']['http']}"
    settings: EdgeSettings = settings_of("edge", environ)
    return f"http://{address(settings.host, settings.http_port)}"


def _get(url: str) -> dict[str, Any]:
    if not url.startswith(("http://", "https://")):
        raise Invalid(f"{url} is no address to ask: it begins with http:// or https://.")
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=_TIMEOUT_S) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    except HTTPError as error:
        raise Unavailable(f"The edge answered {error.code}: {_detail(error)}") from error
    except (URLError, OSError, HTTPException, ValueError) as error:
        raise Unavailable(
            f"Nobody answers at {url.partition('/v1')[0]}; start the system with `backline up`."
        ) from error


def _detail(error: HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):
        return str(error.reason)


def _row(result: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells of a result; the source that found it stands first where it is told."""
    album, match = result.get("album") or {}, result.get("match")
    shown = album.get("title", "") or str(result.get("release_year") or "")
    cells = (result["kind"], result["title"], result.get("credit", ""), shown)
    return (_words([match["source"]]), *cells) if match else cells


def table(rows: Sequence[tuple[str, ...]], columns: int) -> str:
    """Return the rows under each other within so many columns; the last two cells give way first."""
    widths = [max(map(display_width, cells)) for cells in zip(*rows, strict=True)]
    room = max(columns - sum(widths[:1]) - 2 * (len(widths) - 1), 3 * len(widths))
    shares = _shares(widths[1:], room)
    lines = (
        "  ".join(_fit(cell, width) for cell, width in zip(row, [widths[0], *shares], strict=True)) for row in rows
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _shares(widths: Sequence[int], room: int) -> Iterable[int]:
    """Give every column what it wants, or an equal share of the room where that is not enough."""
    if sum(widths) <= room:
        return widths
    equal = room // len(widths)
    spare = sum(max(0, equal - width) for width in widths)
    wide = sum(width > equal for width in widths)
    return [width if width <= equal else min(width, equal + spare // wide) for width in widths]


def display_width(text: str) -> int:
    """Return how many columns a terminal needs: two for wide characters, none for marks that join the one before."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _fit(text: str, width: int) -> str:
    printable = _printable(text)
    while display_width(printable) > width:
        printable = f"{printable.removesuffix('…')[:-1]}…"
    return printable + " " * (width - display_width(printable))
