"""A catalogue in a SQLite file of its own, which one process holds at a time.

* catalog.py: the store, and how it is opened
* tables.py: every statement
* connections.py: threads with a connection each, and a bound on what waits for them
* database.py: the file: migrations, settings, what its errors mean
* lock.py: the lock that makes a folder belong to one process
"""
