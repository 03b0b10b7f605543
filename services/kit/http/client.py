"""Asks another process over HTTP: small answers into memory, large ones into a file.

The standard library's client in a thread, since those who are asked are operations listeners, once a second or less. It
knows no proxies: those of the environment are for the world outside.
"""

import asyncio
import socket
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import urlencode

import orjson

from services.kit.errors import Failure, Invalid, TooLate, Unavailable
from services.kit.files import one_sentence
from services.kit.grpc.endpoints import resolver
from services.kit.http.problem import PROBLEMS
from services.kit.ports import address, split_address

_CONNECT_S = 2.0
_CHUNK_BYTES = 256 * 1024
_REFUSAL_BYTES = 4096
_OK = 200
_FAILURES = {problem.status: kind for kind, problem in PROBLEMS.items()}
_NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})

Sink: TypeAlias = Callable[[bytes], object]


class HttpClient:
    """Asks whoever answers at the target: host:port, a list of them, or file:PATH, looked up again for each request.

    Every method raises the failure that a refusal's status stands for, Unavailable where nobody answers or the answer
    breaks off, TooLate where it takes longer than its limit, and Invalid where it is larger than its bound.
    """

    def __init__(self, target: str) -> None:
        self._target, self._resolve = target, resolver(target)

    async def get(
        self, path: str, parameters: Mapping[str, str] = _NO_PARAMETERS, *, limit_s: float, at_most_bytes: int
    ) -> bytes:
        """Return the body of an answer."""
        body = bytearray()
        question = f"?{urlencode(parameters)}" if parameters else ""
        await self._ask(path + question, body.extend, limit_s, at_most_bytes)
        return bytes(body)

    async def download(self, path: str, into: Path, *, limit_s: float, at_most_bytes: int) -> None:
        """Write the body of an answer to a file, which must not be there yet; one that breaks off leaves a part.

        Raises Unavailable too where the disk does not take it.
        """
        with one_sentence(into), into.open("xb") as file:
            await self._ask(path, file.write, limit_s, at_most_bytes)

    async def _ask(self, path: str, sink: Sink, limit_s: float, at_most_bytes: int) -> None:
        try:
            async with asyncio.timeout(limit_s):
                for host, port in await self._addresses():
                    with suppress(_Unreachable):
                        await _Exchange(host, port, path, sink, at_most_bytes).run()
                        return
        except TimeoutError:
            raise TooLate(f"{self._target} did not answer {path} within {limit_s:g} s.") from None
        raise Unavailable(f"{self._target} cannot be reached.")

    async def _addresses(self) -> list[tuple[str, int]]:
        try:
            return sorted(map(split_address, await self._resolve()))
        except (OSError, ValueError) as fault:
            raise Unavailable(f"Nobody says where {self._target} is: {fault}.") from fault


class _Unreachable(Exception):  # noqa: N818 - a word for one look at one address, which its caller answers itself
    """The address takes no connection."""


class _Exchange:
    """One request to one address."""

    def __init__(self, host: str, port: int, path: str, sink: Sink, at_most_bytes: int) -> None:
        self._url, self._path = f"http://{address(host, port)}{path}", path
        self._sink, self._at_most_bytes = sink, at_most_bytes
        self._connection = HTTPConnection(host, port, timeout=_CONNECT_S)
        self._socket: socket.socket | None = None
        self._broken_off = False

    async def run(self) -> None:
        """Ask in a thread. When this task is cancelled, break that off, and wait until it has ended too."""
        work = asyncio.ensure_future(asyncio.to_thread(self._ask))
        try:
            await asyncio.shield(work)
        finally:
            if not work.done():
                self._break_off()
                await asyncio.wait([work])
                work.exception()

    def _ask(self) -> None:
        with closing(self._connection):
            try:
                self._connection.connect()
            except OSError:
                raise _Unreachable from None
            # Kept here too, since the connection forgets it when the answer is to be the last.
            self._socket = connected = self._connection.sock
            if not self._broken_off:
                # From here on the task watches the time: a timeout of the socket's would be one for each read.
                connected.settimeout(None)
                self._receive()

    def _receive(self) -> None:
        with self._broken_answers():
            self._connection.request("GET", self._path)
            response = self._connection.getresponse()
        with response:
            if response.status == _OK:
                self._take(response)
            else:
                with self._broken_answers():
                    raise _failure(f"{self._url} answered {response.status}", response)

    def _take(self, response: HTTPResponse) -> None:
        left_bytes = self._at_most_bytes
        for chunk in self._chunks(response):
            left_bytes -= len(chunk)
            if left_bytes < 0:
                raise Invalid(f"{self._url} has more than {self._at_most_bytes} bytes.")
            self._sink(chunk)

    def _chunks(self, response: HTTPResponse) -> Iterator[bytes]:
        while True:
            with self._broken_answers():
                chunk = response.read(_CHUNK_BYTES)
            if not chunk:
                break
            yield chunk
        if response.length:  # before Python 3.13 a connection that closes too early looks like the end
            raise Unavailable(f"{self._url} broke off, {response.length} bytes before its end.")

    @contextmanager
    def _broken_answers(self) -> Generator[None, None, None]:
        try:
            yield
        except (HTTPException, OSError) as fault:
            raise Unavailable(f"{self._url} gave no whole answer: {fault!r}.") from fault

    def _break_off(self) -> None:
        self._broken_off = True
        if self._socket is not None:
            with suppress(OSError):  # closed by the other end, or just now by the thread
                self._socket.shutdown(socket.SHUT_RDWR)


def _failure(what: str, response: HTTPResponse) -> Failure:
    """Return the failure that a refusal stands for, with the sentence that it brings."""
    detail = _detail(response.read(_REFUSAL_BYTES))
    kind = _FAILURES.get(response.status, Unavailable)
    return kind(f"{what}: {detail}" if detail else f"{what}.")


def _detail(body: bytes) -> str:
    try:
        detail = orjson.loads(body).get("detail", "")
    except (ValueError, AttributeError):
        return ""
    return detail if isinstance(detail, str) else ""
