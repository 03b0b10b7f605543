"""Search's words and decisions, in three rooms: words → candidates → ranking. `engine.py` walks through them."""
