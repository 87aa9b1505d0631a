"""What the documents show is run as a reader would run it, in a checkout of a reader's own."""
