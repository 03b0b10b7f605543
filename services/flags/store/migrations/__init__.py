"""The steps by which the flags' tables came to be: a folder for each store, alike in number and name.

See services/kit/migrations.py: a step that was ever released is never edited.
"""

from importlib.resources import files

from services.kit.migrations import Migration, steps


def migrations(store: str) -> list[Migration]:
    """Return the steps of that store, `postgres` or `sqlite`, in order."""
    return steps(files(__name__).joinpath(store))
