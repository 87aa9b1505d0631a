"""Every table read over all conferences at once, by each reader that the documents show."""
