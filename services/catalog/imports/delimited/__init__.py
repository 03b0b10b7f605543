"""A table in a text file, of whatever encoding, delimiter and headers, as a source of items."""
