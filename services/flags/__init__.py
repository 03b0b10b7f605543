"""Flags: definitions and their history, handed out to whoever evaluates them."""
