"""A catalogue in a PostgreSQL database, which any number of processes may hold at once.

* opening.py: how it is opened, with the driver imported only then
* catalog.py: the store
* tables.py, changes.py: every statement that reads, and every one that writes
* pool.py, connections.py: who waits, for how long, and what a connection is
* database.py: migrations
* failures.py: what the database's errors mean
"""
