"""Everything that Dagster is given: a module or a defs.yaml each."""
