"""Tests of `planion_assets.tables.fields`."""
