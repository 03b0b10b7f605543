"""Where flags are kept: in memory, in SQLite or in PostgreSQL, all behind the port of domain/store.py.

* memory.py: a store that ends with its process
* sqlite/: a file of its own, which one process holds
* postgres/: a database that any number of servers share
* rows.py: what both databases hold, as rows; migrations/ has the tables
* rosters.py: who is served by which server, where one process holds the store
* wakes.py: wakes for those who follow a store
"""
