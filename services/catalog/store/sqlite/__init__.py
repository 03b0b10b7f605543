"""A catalogue in a SQLite file of its own, which one process holds at a time.

* catalog.py: the store, and how it is opened
* tables.py: every statement
* file.py: what kind of file it is; the rest is the kit's (services/kit/sqlite/)
"""
