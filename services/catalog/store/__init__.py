"""Where a catalogue is kept: in memory, in SQLite or in PostgreSQL, all behind the port of domain/store.py."""
