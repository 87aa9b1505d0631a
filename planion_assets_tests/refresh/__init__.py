"""Tests of `planion_assets.refresh`."""
