"""Tests of `planion_assets.storage`."""
