"""Flags in a SQLite file of their own, which one process holds at a time.

* flags.py: the store, and how it is opened
* tables.py: every statement
"""
