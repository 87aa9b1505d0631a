"""Tests of planion_assets.assets."""
