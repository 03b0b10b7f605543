"""What the tests of the flags page share: a browser."""

from tests.browser import browser

__all__ = ["browser"]
