"""Tests of `planion_assets.defs.rendering`."""
