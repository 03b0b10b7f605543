"""A store in a PostgreSQL database, which any number of processes may hold at once.

* schema.py: whose tables they are, and what those are called
* driver.py: psycopg is imported only where a store is opened: everything below needs it
* pool.py, connections.py, limits.py: who waits, for how long, and what a connection is
* listening.py: hears what other processes notify
* migrate.py: brings the tables up to date
* failures.py: what the database's errors mean
"""
