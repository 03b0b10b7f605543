"""Flags in a PostgreSQL database, which any number of servers share.

* opening.py: how it is opened, with the driver imported only then
* flags.py: the store
* tables.py: every statement
"""
