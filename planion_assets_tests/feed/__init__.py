"""Tests of planion_assets.feed."""
