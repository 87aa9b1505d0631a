"""Where tables and notes lie: Parquet files, their footers, locks, and files that are replaced whole.

Knows neither Dagster nor HTTP, and not what tables mean.
"""
