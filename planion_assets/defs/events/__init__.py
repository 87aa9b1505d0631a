"""What a run reports: the metadata of materializations, and which assets are reported at all."""
