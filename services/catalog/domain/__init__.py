"""The catalogue's words and decisions."""
