"""Tests of `planion_assets.tables.arrow`."""
