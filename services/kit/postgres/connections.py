"""Connections to the database, each with a time-out for its statements, and none tried again too soon."""

import select
from typing import Any, LiteralString

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus
from psycopg.rows import TupleRow

from services.kit.clock import Clock
from services.kit.settings import Secret

FIRST_DELAY_S, LAST_DELAY_S = 0.05, 1.0
"""How long nobody tries to connect again after a failure: twice as long with each, up to the last."""
_STEP_BITS = 3
"""Time-outs are rounded down to so many binary digits, by a fifth at the most: few differ, so few have to be set."""
AS_IT_IS_NOW = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
"""Begins a transaction all of whose statements see one moment's state."""
_KEEPALIVE_S = 5
"""How often our kernel asks a silent server whether it is there: one who only listens would notice after hours."""
_LEFT = "SET idle_in_transaction_session_timeout = '60s'"
"""A process whose machine vanished in the midst of a write would hold up all others' until TCP notices: for hours."""


class Connection(psycopg.AsyncConnection[TupleRow]):
    """A connection that knows what time-out its statements have."""

    _timeout_ms = 0
    """0 where nobody can say."""

    async def limit(self, time_s: float) -> None:
        """Have the server end each statement after that time, or somewhat less."""
        timeout_ms = step_ms(time_s)
        if timeout_ms != self._timeout_ms:
            self._timeout_ms = 0  # whoever is cancelled now may or may not have set it
            await self.execute(f"SET statement_timeout = {timeout_ms}", prepare=False)
            self._timeout_ms = timeout_ms

    @property
    def is_clean(self) -> bool:
        """Whether it is as it was when it was made: in no transaction and waiting for nothing."""
        idle = self.pgconn.transaction_status == TransactionStatus.IDLE
        return idle and self.pgconn.pipeline_status == PipelineStatus.OFF

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has come unasked: on a connection that nobody uses, that is nearly always its end."""
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        return not poll.poll(0)


async def fetched(connection: Connection, statement: LiteralString, values: Any = None) -> list[Any]:  # noqa: ANN401 - as psycopg
    """Return the rows of the answer."""
    cursor = await connection.execute(statement, values, binary=True)
    return await cursor.fetchall()


def step_ms(time_s: float) -> int:
    """Return the time in milliseconds, rounded down to one of a few steps, and at least one."""
    time_ms = max(int(time_s * 1000), 1)
    rest = max(time_ms.bit_length() - _STEP_BITS, 0)
    return time_ms >> rest << rest


class Connector:
    """Makes connections. After a failure, those who ask in the next moment are told of it at once."""

    def __init__(self, url: Secret, application: str, clock: Clock) -> None:
        self._url = url
        self._application = application
        self._clock = clock
        self._failure: psycopg.OperationalError | None = None
        self._delay_s = 0.0
        self._next_try = 0.0

    async def connect(self) -> Connection:
        """Make a connection that is the caller's to close. Raises OperationalError where it cannot be made."""
        if self._failure and self._clock.monotonic() < self._next_try:
            raise psycopg.OperationalError(str(self._failure))
        try:
            made = await Connection.connect(
                self._url,
                autocommit=True,
                prepare_threshold=0,
                client_encoding="UTF8",
                fallback_application_name=self._application,
                keepalives_idle=_KEEPALIVE_S,
                keepalives_interval=_KEEPALIVE_S,
            )
        except psycopg.OperationalError as error:
            self._delay_s = min(max(2 * self._delay_s, FIRST_DELAY_S), LAST_DELAY_S)
            self._next_try = self._clock.monotonic() + self._delay_s
            self._failure = error
            raise
        self._failure, self._delay_s = None, 0.0
        try:
            await made.execute(_LEFT, prepare=False)
        except BaseException:
            await made.close()  # nobody else could
            raise
        return made
