"""What the UI renders of the tables: Markdown and pictures. Knows no Dagster event."""
