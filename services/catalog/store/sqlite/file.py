"""The kind of SQLite file that a catalogue is."""

from functools import partial

from services.catalog.store.migrations import migrations
from services.kit.sqlite.file import SqliteFile

CATALOGUE = SqliteFile(
    stem="catalog",
    noun="catalogue",
    remedy="import again",
    application_id=0x424B4C43,  # "BKLC"
    steps=partial(migrations, "sqlite"),
    # 64 MB of log between checkpoints: a long import then writes a page of the tables once instead of many times. Each
    # batch is a thousand items: that it is on disk when it is acknowledged, one fsync for each, costs next to nothing.
    pragmas="""
PRAGMA cache_size = -32768;
PRAGMA wal_autocheckpoint = 16384;
PRAGMA journal_size_limit = 67108864;
""",
)
