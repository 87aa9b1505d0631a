"""Tables that are made in a process beside the one that reads the feed."""
