"""Where a catalogue is kept: in memory or in SQLite, both behind the port of domain/store.py."""
