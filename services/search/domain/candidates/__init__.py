"""The second room: what may be meant, from sources that read a query each in its own way."""
