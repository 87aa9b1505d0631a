"""Complete, typed, trustworthy Parquet tables of a Planion events feed, as Dagster assets.

`planion_assets.definitions` puts everything together; nothing is imported here, so that a command that
needs no Dagster does not pay for it.
"""

__version__ = "0.1.0"
