"""What one refresh does: fetch, verify, build, publish, record; joins the feed, the tables and the storage.

Knows nothing of Dagster: what happened comes back as values (`planion_assets.refresh.outcomes`).
"""
