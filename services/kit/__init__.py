"""Mechanism without product nouns, used by two services or more."""
