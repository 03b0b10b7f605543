"""The schema that holds a catalogue."""

from functools import partial

from services.catalog.store.migrations import migrations
from services.kit.postgres.schema import Schema

CATALOGUE = Schema(
    name="catalog",
    noun="catalogue",
    remedy="import again",
    when_crowded="raise max_connections, or lower BACKLINE_CATALOG_STORE_CONNECTIONS",
    steps=partial(migrations, "postgres"),
)
