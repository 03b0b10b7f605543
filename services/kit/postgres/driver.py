"""psycopg, the driver, which the default install is without."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.kit.errors import Unavailable


@contextmanager
def driver() -> Iterator[None]:
    """Import in the block what imports psycopg. Raises Unavailable, with what to do, where that is not installed."""
    try:
        yield
    except ImportError as error:
        raise Unavailable("The PostgreSQL driver is not installed; run `make postgres`.") from error
