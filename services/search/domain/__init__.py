"""Search's words and decisions, in three rooms: normalise → candidates → rank. `search.py` walks through them."""
