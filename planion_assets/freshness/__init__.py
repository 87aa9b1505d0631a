"""Whether the stored conferences are fresh, are read, and can be used: three separate verdicts. Knows no Dagster."""
