"""All of Dagster: assets, checks, jobs, schedules, sensors, resources. Nothing else in the package imports it.

`planion_assets.definitions` puts them together.
"""
