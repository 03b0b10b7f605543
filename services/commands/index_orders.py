"""What `backline index` asks of the running indexer, and what it says of the answers."""

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from time import sleep
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from services.commands.announcement import running
from services.commands.person import say, you
from services.kit.admin import admin_token, bearer
from services.kit.clock import SystemClock
from services.kit.errors import Unavailable
from services.kit.settings import environment
from services.search.indexer.orders import MAX_ACTOR_CHARS
from services.stack import process_settings

_ANSWER_S = 30.0
_LOOK_AGAIN_S = 0.3


@dataclass(frozen=True, slots=True)
class Indexer:
    """The running indexer."""

    address: str
    token: str

    def order(self, action: str, said: Mapping[str, object]) -> dict[str, Any]:
        """Order something and return the answer. Raises Unavailable with what the indexer says against it."""
        request = Request(
            f"http://{self.address}/index/{action}",
            data=json.dumps(said).encode(),
            headers=dict([bearer(self.token)]),
            method="POST",
        )
        return self._ask(request)

    def status(self) -> dict[str, Any]:
        """Return what the indexer shows of itself."""
        return self._ask(Request(f"http://{self.address}/index/generations"))

    def _ask(self, request: Request) -> dict[str, Any]:
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=_ANSWER_S) as response:
                answer: dict[str, Any] = json.load(response)
                return answer
        except HTTPError as error:
            raise Unavailable(_detail(error)) from error
        except (URLError, OSError, HTTPException, ValueError) as error:
            raise Unavailable(f"No indexer answers at {self.address}: {error}.") from error


Ask = Callable[[Indexer, argparse.Namespace, Mapping[str, object]], int]


def order(ask: Ask, arguments: argparse.Namespace) -> int:
    """Ask the indexer that runs, and say what came of it."""
    home = process_settings(environment()).home
    address = arguments.address or running(home, "indexer", "operations")
    if not address:
        raise Unavailable(f"No indexer runs from {home}; start it with `backline up`, or name one with --address.")
    said = {"actor": arguments.actor or you(MAX_ACTOR_CHARS), "reason": arguments.reason}
    return ask(Indexer(address, admin_token(home)), arguments, said)


def build(indexer: Indexer, _arguments: argparse.Namespace, said: Mapping[str, object]) -> int:
    """Have an index built, and wait for it; 0 if it is published, 1 if not."""
    number, began = indexer.order("build", said)["build"], SystemClock().monotonic()
    say("Building …")
    while (last := indexer.status()["build"])["number"] < number:
        sleep(_LOOK_AGAIN_S)
    seconds = SystemClock().monotonic() - began
    if last["outcome"] == "published":
        say(f"{last['generation']} is built in {seconds:.1f} s; one search process tries it first. See: index list")
        return 0
    say(f"The build {'was refused' if last['outcome'] == 'refused' else 'failed'}: {' '.join(last['sentences'])}")
    if last["outcome"] == "refused":
        say("What is served stays. To publish it all the same: backline index publish --override --reason TEXT")
    return 1


def publish(indexer: Indexer, arguments: argparse.Namespace, said: Mapping[str, object]) -> int:
    """Roll a generation out."""
    wanted = {"generation": arguments.generation, "override": arguments.override}
    say(f"{indexer.order('publish', {**said, **wanted})['generation']} is rolled out, one search process first.")
    return 0


def roll_back(indexer: Indexer, _arguments: argparse.Namespace, said: Mapping[str, object]) -> int:
    """Go back to the generation before."""
    say(f"Every search process goes back to {indexer.order('rollback', said)['generation']}.")
    say("Nothing new is rolled out until you ask for it: backline index build --reason TEXT")
    return 0


def _detail(error: HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"The indexer answered {error.code} {error.reason}."
