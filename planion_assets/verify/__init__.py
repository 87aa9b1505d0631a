"""Verification of what is stored: every file is read whole, against its checksums, its snapshot and tables made anew.

Joins the store, the tables and the digests of the feed. Asks no network. Knows neither Dagster nor who tells of it.
"""
