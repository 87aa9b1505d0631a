"""Making tables: from the items of a snapshot to files that wait to be put in their places.

`files` does the work, in this process or in one beside it (`process`); `makers` says in which. Knows tables, the store
and neither the feed nor Dagster.
"""
