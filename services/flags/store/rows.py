"""What the tables of flags hold, as rows, alike in every database."""

JOURNAL_ENTRIES = 200
"""That one read of the journal returns at most: each may hold a definition of some tens of kilobytes."""
