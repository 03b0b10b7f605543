"""A catalogue in a PostgreSQL database, which any number of processes may hold at once.

* opening.py: how it is opened, with the driver imported only then
* catalog.py: the store
* tables.py, changes.py: every statement that reads, and every one that writes
* schema.py, limits.py: what it is called, and how much of the database it takes; the rest is the kit's
  (services/kit/postgres/)
"""
