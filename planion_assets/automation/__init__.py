"""The folder that `planion_assets.defs.automation` was in 0.1. It is removed in 0.3."""
