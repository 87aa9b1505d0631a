"""How the feed is read: HTTP, JSON and its contract (docs/reference/sessions-feed.md), without Dagster and tables."""
