"""The store: batches, submissions, results, corrections, models, keys and jobs in one database.

The only room that talks SQL. SQLite by default, PostgreSQL by URL.
"""

from minyi.store.store import Store

__all__ = ["Store"]
