"""Search: finds artists, albums and tracks by what a person types, from an index of its own."""
