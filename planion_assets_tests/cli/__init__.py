"""Tests of `planion_assets.cli`."""
