"""A store in a SQLite file, which one process holds at a time.

* file.py: what a file holds: how it is opened, its migrations, settings, what its errors mean
* connections.py: threads with a connection each, and a bound on what waits for them
* transaction.py: all or nothing
* lock.py: the lock that makes a folder belong to one process
"""
