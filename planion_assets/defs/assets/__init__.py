"""The assets: thin wrappers that let Dagster run `planion_assets.refresh` and show what it did."""
