"""Verification of what is stored: every file is read whole, and compared with its checksums, its snapshot and tables
that are derived again. It asks no network, and knows neither Dagster nor the command.
"""
