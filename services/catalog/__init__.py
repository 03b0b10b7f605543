"""The catalogue: artists, albums and tracks, imported from many sources and served by id."""
