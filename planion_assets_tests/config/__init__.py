"""Tests of `planion_assets.config`."""
