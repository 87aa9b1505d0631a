"""How the feed is read: client, pages, walks, verification, errors.

Speaks HTTP and JSON and knows the feed's contract (docs/reference/sessions-feed.md). Knows neither Dagster nor tables.
"""
