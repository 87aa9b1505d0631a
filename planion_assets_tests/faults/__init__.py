"""Faults of disk, process and wire that refreshes meet: how they are made, and what each must lead to."""
