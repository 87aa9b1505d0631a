"""Tests of `planion_assets.defs.assets`."""
