"""A Dagster project of one's own, with the tables of a Planion events feed beside its assets."""
