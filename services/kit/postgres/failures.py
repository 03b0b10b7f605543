"""What the database's errors mean, in one sentence each that says what to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict

from services.kit.errors import Exhausted, Failure, Invalid, TooLate, Unavailable
from services.kit.postgres.schema import Schema

_SENTENCES: Mapping[str, tuple[Callable[[str], Failure], str]] = {
    "25006": (Unavailable, "takes no writes now; name the primary, or make it writable"),
    "28000": (Unavailable, "does not let this user in; see the user in its URL and the server's pg_hba.conf"),
    "28P01": (Unavailable, "refuses the user or the password; correct them in the URL"),
    "3D000": (Unavailable, "does not exist; create it, or correct the name in the URL"),
    "3F000": (Invalid, "has lost its tables; restore them, or drop the schema `{name}` and {remedy}"),
    "42P01": (Invalid, "has lost its tables; restore them, or drop the schema `{name}` and {remedy}"),
    "40001": (Unavailable, "is busy with changes that collide; try again"),
    "40P01": (Unavailable, "is busy with changes that collide; try again"),
    "42501": (Invalid, "does not let this user do that; grant it the schema `{name}`, or the right to create it"),
    "53100": (Unavailable, "is on a full disk; make room and try again"),
    "53300": (Exhausted, "has no connection free; {when_crowded}"),
    "57014": (TooLate, "did not answer in time"),
    "57P01": (Unavailable, "is being stopped; try again when it is back"),
    "57P02": (Unavailable, "has crashed; try again when it is back"),
    "57P03": (Unavailable, "is starting or stopping; try again soon"),
}
"""By SQLSTATE."""

_REFUSALS: Mapping[str, str] = {
    "password authentication failed": "28P01",
    "pg_hba.conf": "28000",
    "FATAL:  role": "28000",
    "FATAL:  database": "3D000",
    "too many clients": "53300",
    "connection slots": "53300",
    "too many connections": "53300",
    "starting up": "57P03",
    "shutting down": "57P03",
}
"""What a server says to one who connects, whose error comes without its SQLSTATE."""

_NO_ANSWER = (Unavailable, "cannot be reached; see whether it runs there, and whether the URL is right")
_COLLIDED = frozenset({"40001", "40P01"})


@dataclass(frozen=True, slots=True)
class Place:
    """A schema in a database."""

    name: str
    """What the database is called in a sentence: what it is for, where it is, and no secret."""
    schema: Schema


def failure(error: psycopg.Error, place: Place) -> Failure:
    """Return what the error means for a caller, about the database at that place."""
    state, schema = _state(error), place.schema
    unknown = (Unavailable, f"cannot do that now ({state})") if state else _NO_ANSWER
    kind, sentence = _SENTENCES.get(state, unknown)
    says = sentence.format(name=schema.name, remedy=schema.remedy, when_crowded=schema.when_crowded)
    return kind(f"{place.name} {says}.")


def _state(error: psycopg.Error) -> str:
    said = str(error)
    return error.sqlstate or next((state for words, state in _REFUSALS.items() if words in said), "")


def has_collided(error: psycopg.Error) -> bool:
    """Whether the same transaction, run again, may well succeed."""
    return error.sqlstate in _COLLIDED


def place_of(url: str, schema: Schema) -> Place:
    """Return the place of the schema in the database at that URL. Raises Invalid for a URL that cannot be read."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # Without its cause: that quotes the part it stumbles on, which may be the password.
        raise Invalid(
            f"The URL of the {schema.noun}'s database is not like postgresql://user:password@host/name."
        ) from None
    host, port = parts.get("host") or "localhost", parts.get("port") or 5432
    return Place(f"The {schema.noun}'s database {parts.get('dbname') or ''!r} at {host}:{port}", schema)
