"""The assets: thin wrappers that let Dagster run `planion_assets.refresh.conference` and show what it did.

Belongs here: specs, metadata, events. Does not belong here: how the feed is read or how rows are made.
"""
